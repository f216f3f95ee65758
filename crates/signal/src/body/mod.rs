//! The body: how sensors sit on it, how its segments move, what its leg allows.

pub mod alignment;
pub mod kinematics;
pub mod leg;
pub mod motion;
