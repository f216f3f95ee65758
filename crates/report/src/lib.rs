//! Reports: analysis to figures and pages.
