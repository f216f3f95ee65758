//! What some tests need that is not in the repository. The build scripts of the crates that have such tests include this file and
//! set a cfg for each thing that is there; without it the tests are reported as ignored:
//!
//! ```text
//! #[cfg_attr(not(has_shared_data), ignore = "needs ../shared")]
//! ```
//!
//! `TRUEHINGE_REQUIRE=data,bus` sets the cfg regardless, so that such a test fails where the thing is missing.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Something that tests need.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// The data beside the repository.
    Data,
    /// `dbus-daemon` and `dbus-monitor`.
    Bus,
    /// `script`, which makes a terminal.
    Terminal,
    /// The right to mount a file system.
    Mounts,
}

impl Need {
    /// All.
    pub const ALL: [Self; 4] = [Self::Data, Self::Bus, Self::Terminal, Self::Mounts];

    /// Its name in `TRUEHINGE_REQUIRE`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Bus => "bus",
            Self::Terminal => "terminal",
            Self::Mounts => "mounts",
        }
    }

    /// The cfg that says that it is there.
    const fn cfg(self) -> &'static str {
        match self {
            Self::Data => "has_shared_data",
            Self::Bus => "has_dbus_daemon",
            Self::Terminal => "has_terminal",
            Self::Mounts => "has_mounts",
        }
    }

    /// Where it is; `None` where it is missing.
    pub fn place(self) -> Option<PathBuf> {
        match self {
            Self::Data => Some(shared_folder().join("README.md")).filter(|path| path.exists()),
            Self::Bus => on_path("dbus-monitor").and_then(|_| on_path("dbus-daemon")),
            Self::Terminal => on_path("script"),
            Self::Mounts => on_path("mount").filter(|_| may_administer()),
        }
    }
}

/// Tells cargo which of these needs are met. It asks again when a thing goes away or the environment changes. A thing that is new on
/// an unchanged `PATH` is not seen (cargo would rebuild at every command to look for it): a test in `tests/tests/needs.rs` says so.
///
/// # Panics
/// `TRUEHINGE_REQUIRE` names something unknown.
pub fn tell_cargo(needs: &[Need]) {
    const REQUIRE: &str = "TRUEHINGE_REQUIRE";
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed={REQUIRE}");
    println!("cargo:rerun-if-env-changed=PATH");
    let required = env::var(REQUIRE).unwrap_or_default();
    let required: Vec<&str> = required.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    for name in &required {
        let known = Need::ALL.map(Need::name);
        assert!(known.contains(name), "{REQUIRE} names {name}: it takes {}", known.join(", "));
    }
    for need in needs {
        println!("cargo:rustc-check-cfg=cfg({})", need.cfg());
        let place = need.place();
        if place.is_some() || required.contains(&need.name()) {
            println!("cargo:rustc-cfg={}", need.cfg());
        }
        if let Some(place) = place {
            println!("cargo:rerun-if-changed={}", place.display());
        }
    }
}

/// The folder of data beside the repository, whether it is there or not.
pub fn shared_folder() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().find(|folder| folder.join("crates").is_dir()).unwrap_or(here);
    root.join("../shared")
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Whether this process may mount file systems: bit 21 of its effective capabilities is `CAP_SYS_ADMIN`.
fn may_administer() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let capabilities = status.lines().find_map(|line| line.strip_prefix("CapEff:")).unwrap_or_default();
    u64::from_str_radix(capabilities.trim(), 16).is_ok_and(|bits| bits & (1 << 21) != 0)
}
