//! What limits each figure, in words.

/// The section of the page.
pub const SECTION: &str = "## What limits each figure\n\n\
* **Repetitions.** The bench's misses take four to five seconds, tilt the pelvis by less than 2 degrees and the shin by less than \
  5: no more than people sway. An attempt broken off slowly and half-way is a small repetition to any sensor.\n\
* **Boundaries.** A movement of 5 % of a small repetition is below the sway of the stance: the first and last tenth of a second cannot be \
  seen in it. The smoothing (2 Hz) adds less.\n\
* **Knee-forward travel and shin lean.** Soft tissue under the shin strap, then the sway in the stance that changes are measured from. The \
  filter and the chip do not matter (error budget). The bench's shin is the line from ankle to knee centre, which leans further than the \
  bone the sensor is on, because the knee's centre moves on the tibia: the shin's bias there.\n\
* **Pelvis tilt.** The belt on skin that slides over a bending back.\n\
* **Hip-back travel.** Displacement comes from twice integrated acceleration between two moments of rest that are not quite rest: people \
  sway by as much as the error. Leg geometry and balance halve it; a thigh sensor halves it again.\n\
* **Knee flexion without a thigh sensor** follows from hip travel and thigh length: 10 mm of hip are 1.4 degrees.\n\
* **The drift flag.** What is undecided lies near the limits or across radio gaps, where no number is given.\n\
* **Uncertainty.** Loose straps cannot be told from the data: there the stated sigma is too small (simulated, condition loose-straps). \
  Hip travel is stated wider than it is on simulated people and right on the bench, whose people balance less like the average.\n\n";
