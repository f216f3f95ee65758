//! What limits each figure, in words.

/// The section of the page.
pub const SECTION: &str = "## What limits each figure\n\n\
* **Repetitions.** The bench's misses take four to five seconds, tilt the pelvis by less than 2 degrees and the shin by less than \
  5: no more than people sway. Attempts that are broken off are known by being over early: those that take their time are small \
  repetitions to any sensor.\n\
* **Boundaries.** A movement of 5 % of a small repetition is below the sway of the stance: the first and last tenth of a second cannot be \
  seen in it. The smoothing (2 Hz) adds less.\n\
* **Knee-forward travel and shin lean.** Soft tissue under the shin strap, then the sway in the stance that changes are measured from. The \
  filter and the chip do not matter (error budget). The bench's shin is the line from ankle to knee centre, which leans further than the \
  bone the sensor is on, because the knee's centre moves on the tibia: the shin's bias there.\n\
* **Pelvis tilt.** The belt on skin that slides over a bending back.\n\
* **Hip-back travel.** Displacement comes from twice integrated acceleration between two moments of rest that are not quite rest: people \
  sway by as much as the error. Long rests, leg geometry and balance take a third off it; a thigh sensor halves it again. Somebody who \
  leans forward or goes back before every repetition looks as if the sensor were not level.\n\
* **Knee flexion without a thigh sensor** follows from hip travel and thigh length: 10 mm of hip are 1.4 degrees.\n\
* **The drift flag.** What is undecided lies near the limits, or a radio gap hides it. A drift that was seen beside a gap is named, \
  as at least so much.\n\
* **Uncertainty.** How still a wearer stands is seen in the residuals of the hip's path, which scale its uncertainty: people who sway \
  much and little are both stated right. How loose a strap is that comes back to its place cannot be told from the data: there the \
  stated sigma of the pelvis is too small (simulated, condition loose-straps), and with a firm one a little too large. A sensor that \
  settles anew in each repetition (unsettled) also makes slips look like movements: its count and its errors are wrong, most of \
  its verdicts are withheld, and the warning comes in about half of the sessions.\n\n";
