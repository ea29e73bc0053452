//! The command `ferrodyne`: inspects, runs, checks, times and explains models.

#[macro_use]
mod stdout;

mod args;
mod commands;
mod npz;
mod values;
mod whole;

use clap::Parser;

use args::{Arguments, Command};

fn main() -> std::process::ExitCode {
    quiet_drivers();
    let arguments = Arguments::parse();
    ferrodyne::logging::init();
    let done = match &arguments.command {
        Command::Inspect(args) => commands::inspect::run(args),
        Command::Run(args) => commands::run::run(args),
        Command::Check(args) => commands::check::run(args),
        Command::Bench(args) => commands::bench::run(args),
        Command::Bisect(args) => commands::bisect::run(args),
        Command::Explain(args) => commands::explain::run(args),
        Command::Devices(args) => commands::devices::run(args),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("ferrodyne: {error}");
            error.exit_code().into()
        }
    }
}

/// Where there is no session of a desktop, Mesa's layer that asks one for its preferred adapter prints an error for each
/// question: it is told not to ask.
fn quiet_drivers() {
    if std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        // SAFETY: nothing else runs yet: this is the first statement of `main`.
        unsafe { std::env::set_var("NODEVICE_SELECT", "1") };
    }
}
