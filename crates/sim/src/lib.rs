//! Athletes and sensors that do not exist: truth, sensor model and virtual peripherals.
