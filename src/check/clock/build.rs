//! Builds what lets a handler's processes believe that it is later than it is. Without a
//! C compiler for Linux there is none, and the clock stays the machine's.

fn main() {
    println!("cargo::rerun-if-changed=src/check/clock");
    #[cfg(feature = "check")]
    library::make();
}

#[cfg(feature = "check")]
mod library {
    use std::env::{var, var_os};
    use std::fs;
    use std::path::{Path, PathBuf};

    pub(super) fn make() {
        let is = |name: &str, value: &str| var(name).is_ok_and(|it| it == value);
        if !is("CARGO_CFG_TARGET_OS", "linux") {
            return;
        }
        let library = PathBuf::from(var_os("OUT_DIR").expect("cargo sets it")).join("ahead.so");
        if is("CARGO_CFG_TARGET_POINTER_WIDTH", "64") && build(&library) {
            return;
        }
        println!(
            "cargo::warning=no C compiler that makes shared libraries: `redeliver check` will wait \
             in real time"
        );
        fs::write(&library, "").expect("OUT_DIR can be written to");
    }

    fn build(library: &Path) -> bool {
        let compiler = cc::Build::new().cargo_metadata(false).try_get_compiler();
        let Ok(compiler) = compiler else {
            return false;
        };
        let mut command = compiler.to_command();
        command.args(["-shared", "-fPIC", "-O2", "-nostdlib", "-o"]);
        command.arg(library).arg("src/check/clock/ahead.c");
        command.status().is_ok_and(|it| it.success())
    }
}
