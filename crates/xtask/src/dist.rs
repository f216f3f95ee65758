//! What people install without a compiler: `cargo xtask dist [FOLDER]` makes what this computer can make, and says how the rest is made.
//!
//! An archive and a Debian package for Linux, each with the program, its pages, completions, the licences of everything in it, and their
//! checksums; where the tools are there also the Python wheel with the program (maturin) and the list of parts (cargo-cyclonedx). Same sources
//! and tools, same bytes: archives carry the time of the last commit. Programs for Windows and macOS are made by their own computers
//! (`.github/workflows/dist.yml`).

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use cargo_metadata::{Metadata, MetadataCommand, Package};

const PROGRAM: &str = "truehinge";

/// Makes all of it.
pub fn run() -> anyhow::Result<()> {
    let folder = env::args().nth(2).map_or_else(|| PathBuf::from("dist"), PathBuf::from);
    if !cfg!(target_os = "linux") {
        bail!("archives are made on Linux; for this computer: cargo build --profile dist --locked -p truehinge");
    }
    fs::create_dir_all(&folder)?;
    let metadata = MetadataCommand::new().other_options(vec!["--locked".to_owned()]).exec()?;
    let built = build(&metadata)?;
    let version = version_of(&metadata)?;
    let name = format!("{PROGRAM}-{version}-{}-linux", env::consts::ARCH);
    let stage = folder.join("stage");
    if stage.exists() {
        fs::remove_dir_all(&stage)?;
    }
    let whole = stage.join(&name);
    lay_out(&whole, &built, &metadata)?;
    let mut made = vec![archive(&folder, &stage, &name)?, debian(&folder, &stage, &whole, &version)?];
    made.extend(page(&folder, &stage, &whole, &metadata)?);
    made.extend(parts(&folder, &metadata)?);
    made.extend(wheel(&folder)?);
    fs::remove_dir_all(&stage)?;
    sums(&folder, &made)?;
    for path in &made {
        println!("{}: {:.1} MB", path.display(), fs::metadata(path)?.len() as f64 / 1e6);
    }
    println!("Windows and macOS: .github/workflows/dist.yml makes them there (written, not run yet)");
    Ok(())
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a tool to its end.
fn done(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("{} did not start", command.get_program().display()))?;
    if !status.success() {
        bail!("{} ended with {status}", command.get_program().display());
    }
    Ok(())
}

/// What a tool prints; nothing if it is not there or fails.
fn said(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The profile that is made for it, see `Cargo.toml`.
const PROFILE: &str = "dist";

fn build(metadata: &Metadata) -> anyhow::Result<PathBuf> {
    let mut program = cargo();
    program.args(["rustc", "--profile", PROFILE, "--locked", "--package", PROGRAM, "--bin", PROGRAM]);
    if cfg!(target_arch = "x86_64") {
        // There the compiler brings a linker of its own, which keeps what is the same code once.
        program.args(["--", "-C", "link-arg=-Wl,--icf=all"]);
    }
    done(&mut program)?;
    Ok(metadata.target_directory.join(PROFILE).join(PROGRAM).into())
}

fn version_of(metadata: &Metadata) -> anyhow::Result<String> {
    let program = metadata.workspace_packages().into_iter().find(|package| package.name.as_str() == PROGRAM);
    Ok(program.context("the program is in the workspace")?.version.to_string())
}

/// Seconds after 1970 of the last commit: files of an archive are no newer.
fn last_commit() -> String {
    let asked = said(Command::new("git").args(["log", "-1", "--format=%ct"]));
    env::var("SOURCE_DATE_EPOCH").ok().or(asked).map_or_else(|| "0".to_owned(), |time| time.trim().to_owned())
}

/// Everything that belongs to the program, as it lies in the archive.
fn lay_out(folder: &Path, program: &Path, metadata: &Metadata) -> anyhow::Result<()> {
    let top = metadata.workspace_root.as_std_path();
    fs::create_dir_all(folder.join("completions"))?;
    fs::copy(program, folder.join(PROGRAM))?;
    for file in ["LICENSE-MIT", "LICENSE-APACHE", "README.md", "docs/CHANGELOG.md"] {
        let path = top.join(file);
        fs::copy(&path, folder.join(path.file_name().unwrap_or_default()))?;
    }
    fs::copy(top.join("crates/report/fonts/OFL.txt"), folder.join("LICENSE-FONT-OFL.txt"))?;
    fs::write(folder.join("LICENSES-THIRD-PARTY.txt"), third_party(metadata)?)?;
    done(Command::new(program).arg("man").arg("--out").arg(folder.join("man")).stdout(Stdio::null()))?;
    for (shell, file) in [("bash", "truehinge"), ("zsh", "_truehinge"), ("fish", "truehinge.fish")] {
        let script = said(Command::new(program).args(["completions", shell]));
        fs::write(folder.join("completions").join(file), script.context("completions")?)?;
    }
    Ok(())
}

/// The text of every licence of every crate in the program; a text that several share stands once.
fn third_party(metadata: &Metadata) -> anyhow::Result<String> {
    let listed = include_str!("../../cli/licenses.tsv");
    let packages: BTreeMap<(String, String), &Package> = metadata
        .packages
        .iter()
        .map(|package| ((package.name.to_string(), package.version.to_string()), package))
        .collect();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut whole = String::from("What truehinge is made of, and under which licences.\n\n");
    for line in listed.lines() {
        let [name, version, license] = line.split('\t').collect::<Vec<_>>()[..] else { bail!("licenses.tsv: {line}") };
        whole.push_str(&format!("{name} {version}: {license}\n"));
        let package = packages.get(&(name.to_owned(), version.to_owned()));
        for text in package.map(|package| licenses_in(package)).transpose()?.unwrap_or_default() {
            texts.entry(text).or_default().push(format!("{name} {version}"));
        }
    }
    for (text, of) in texts {
        whole.push_str(&format!("\n{}\n{}\n\n{}\n", "=".repeat(78), of.join(", "), text.trim_end()));
    }
    Ok(whole)
}

/// Files beside a crate's manifest that are licences or notices.
fn licenses_in(package: &Package) -> anyhow::Result<Vec<String>> {
    let folder = package.manifest_path.parent().context("a manifest is in a folder")?;
    let is_license = |path: &PathBuf| {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default().to_lowercase();
        ["license", "licence", "copying", "notice", "unlicense"].iter().any(|start| name.starts_with(start))
    };
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.flatten().map(|entry| entry.path()).filter(is_license).collect();
    files.sort();
    files
        .iter()
        .filter(|file| file.is_file())
        .map(|file| Ok(String::from_utf8_lossy(&fs::read(file)?).into_owned()))
        .collect()
}

fn archive(folder: &Path, stage: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let path = folder.join(format!("{name}.tar.gz"));
    let time = format!("--mtime=@{}", last_commit());
    let mut tar = Command::new("tar");
    tar.args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner", &time]);
    // Without the name and the time of the archive itself.
    done(tar.args(["--use-compress-program", "gzip -9n", "-cf"]).arg(&path).arg("-C").arg(stage).arg(name))?;
    Ok(path)
}

/// The page without the program, where it has been made.
fn page(folder: &Path, stage: &Path, whole: &Path, metadata: &Metadata) -> anyhow::Result<Option<PathBuf>> {
    let built = metadata.target_directory.join("page/page");
    if !built.join("index.html").is_file() {
        println!("no page without the program: crates/page/build.sh makes it");
        return Ok(None);
    }
    let name = format!("{PROGRAM}-page-{}", version_of(metadata)?);
    let place = stage.join(&name);
    done(Command::new("cp").arg("-r").arg(&built).arg(&place))?;
    for file in ["LICENSES-THIRD-PARTY.txt", "LICENSE-FONT-OFL.txt", "LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(whole.join(file), place.join(file))?;
    }
    archive(folder, stage, &name).map(Some)
}

/// A package for Debian and what stands on it; it needs the C library and nothing else.
fn debian(folder: &Path, stage: &Path, whole: &Path, version: &str) -> anyhow::Result<PathBuf> {
    let root = stage.join("debian");
    let put = |file: &str, to: &str| -> anyhow::Result<()> {
        let to = root.join(to);
        fs::create_dir_all(to.parent().context("a folder")?)?;
        fs::copy(whole.join(file), to)?;
        Ok(())
    };
    put(PROGRAM, "usr/bin/truehinge")?;
    put("completions/truehinge", "usr/share/bash-completion/completions/truehinge")?;
    put("completions/_truehinge", "usr/share/zsh/vendor-completions/_truehinge")?;
    put("completions/truehinge.fish", "usr/share/fish/vendor_completions.d/truehinge.fish")?;
    for file in ["LICENSES-THIRD-PARTY.txt", "LICENSE-FONT-OFL.txt", "LICENSE-APACHE"] {
        put(file, &format!("usr/share/doc/truehinge/{file}"))?;
    }
    put("LICENSE-MIT", "usr/share/doc/truehinge/copyright")?;
    for page in fs::read_dir(whole.join("man"))? {
        let name = page?.file_name();
        put(&format!("man/{}", name.display()), &format!("usr/share/man/man1/{}", name.display()))?;
    }
    let arch = said(Command::new("dpkg").arg("--print-architecture")).unwrap_or_else(|| "amd64".to_owned());
    let libc = said(Command::new("ldd").arg("--version"))
        .and_then(|text| text.lines().next().and_then(|line| line.rsplit(' ').next()).map(str::to_owned));
    let control = format!(
        "Package: truehinge\nVersion: {version}\nArchitecture: {}\nMaintainer: truehinge <truehinge@localhost>\n\
         Depends: libc6 (>= {}), libgcc-s1\nRecommends: bluez\nSuggests: espeak-ng\nSection: science\nPriority: optional\n\
         Description: single-leg hip hinges from two Bluetooth motion sensors\n \
         Says after every repetition whether it was a true hip hinge or the knee drifted\n forward, by how much, and how sure that is.\n",
        arch.trim(),
        libc.as_deref().unwrap_or("2.36"),
    );
    fs::create_dir_all(root.join("DEBIAN"))?;
    fs::write(root.join("DEBIAN/control"), control)?;
    let path = folder.join(format!("truehinge_{version}_{}.deb", arch.trim()));
    let mut pack = Command::new("dpkg-deb");
    pack.args(["--root-owner-group", "--build"]).arg(&root).arg(&path).env("SOURCE_DATE_EPOCH", last_commit());
    done(pack.stdout(Stdio::null()))?;
    Ok(path)
}

/// The list of parts (CycloneDX), where the tool for it is installed.
fn parts(folder: &Path, metadata: &Metadata) -> anyhow::Result<Option<PathBuf>> {
    if said(cargo().args(["cyclonedx", "--version"])).is_none() {
        println!("no list of parts: cargo install cargo-cyclonedx --locked makes the tool for it");
        return Ok(None);
    }
    let mut tool = cargo();
    tool.args([
        "cyclonedx",
        "--format",
        "json",
        "--override-filename",
        "sbom",
        "--manifest-path",
        "crates/cli/Cargo.toml",
    ]);
    done(tool.env("SOURCE_DATE_EPOCH", last_commit()))?;
    // It writes one beside each crate of the workspace.
    let written = PathBuf::from("crates/cli/sbom.json");
    let path = folder.join("truehinge.cdx.json");
    // Where the sources lay is nobody's business, and no part of what they are.
    fs::write(&path, fs::read_to_string(&written)?.replace(metadata.workspace_root.as_str(), ""))?;
    for crate_folder in fs::read_dir("crates")?.flatten().map(|entry| entry.path()).chain([PathBuf::from("tests")]) {
        let _ = fs::remove_file(crate_folder.join("sbom.json"));
    }
    Ok(Some(path))
}

/// The program as a Python package, where maturin is installed.
fn wheel(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if said(Command::new("maturin").arg("--version")).is_none() {
        println!("no wheel: pip install maturin makes the tool for it");
        return Ok(Vec::new());
    }
    let mut maturin = Command::new("maturin");
    maturin
        .args(["build", "--profile", PROFILE, "--locked", "--manifest-path", "crates/cli/Cargo.toml", "--out"])
        .arg(folder);
    done(&mut maturin)?;
    let is_wheel = |path: &PathBuf| path.extension() == Some(OsStr::new("whl"));
    Ok(fs::read_dir(folder)?.flatten().map(|entry| entry.path()).filter(is_wheel).collect())
}

fn sums(folder: &Path, made: &[PathBuf]) -> anyhow::Result<()> {
    let names: Vec<&OsStr> = made.iter().filter_map(|path| path.file_name()).collect();
    let sums = said(Command::new("sha256sum").args(names).current_dir(folder)).context("sha256sum")?;
    Ok(fs::write(folder.join("SHA256SUMS"), sums)?)
}
