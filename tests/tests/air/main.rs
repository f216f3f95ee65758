//! The program on an emulated Bluetooth service. One program for all of these tests, so that they wait side by side.

mod bad_input;
mod crash;
mod gestures;
mod identity;
mod order;
mod radio;
mod replay;
mod sets;
mod sync;
mod web;
