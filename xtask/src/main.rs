//! Tasks of the repository: `cargo xtask test` runs everything; the others are parts of it.

mod bench;
mod browser;
mod circles;
mod crash;
mod dependencies;
mod findings;
mod guest;
mod images;
mod imports;
mod install;
mod judges;
mod judging;
mod layers;
mod listing;
mod parallel;
mod place;
mod program;
mod prose;
mod readers;
mod scenarios;
mod setup;
mod test;
mod timing;
mod trees;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use place::Place;

#[derive(Parser)]
#[command(about = "Tasks of the repository")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every check and test, and the judges
    Test,
    /// Run only the judges
    Judge {
        /// What to record and judge; by default everything
        scenarios: Vec<judging::Scenario>,
    },
    /// Ask every reader what it shows of discs with a plain volume and of volumes of other programs, and
    /// write docs/proving/readers.md and reading.md
    Readers {
        /// The pages to write; by default all
        pages: Vec<test::Page>,
    },
    /// Measure the cost of oncefs, compared with its peers
    Bench(bench::Options),
    /// Cut the power at every block in the lives of discs, for as long as requested
    Crash(crash::Options),
    /// Print a hash of the image that each of some seeded lives leaves, to compare before and after a change
    Images(images::Options),
    /// Check imports between crates against the table of the architecture, and between the files of a crate
    Layers,
    /// Check the length of comments, Markdown and names of tests, and the links between documents
    Prose,
    /// List type names that several crates use
    Names,
    /// Install what the judges need and is missing
    Setup,
    /// Install the program, and library, header and pkg-config file of the C API
    Install {
        /// The final location
        #[arg(long, default_value = "/usr/local")]
        prefix: PathBuf,
        /// Where to put it for now, as a root above the prefix
        #[arg(long)]
        destdir: Option<PathBuf>,
    },
    /// List everything at and below a directory as JSON lines
    Walk {
        /// The directory to list
        directory: PathBuf,
    },
    /// What runs inside the guest
    #[command(hide = true)]
    Inside {
        /// The folder shared with the host
        shared: PathBuf,
    },
    /// Mount images in the guest and list what its kernel sees, without judging it
    Mount {
        /// The images
        images: Vec<PathBuf>,
        /// Mount options besides `ro`
        #[arg(short, default_value = "")]
        options: String,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    let place = Place::find()?;
    match task {
        Task::Test => test::run(&place),
        Task::Judge { scenarios } => test::run_judges(&place, &scenarios),
        Task::Readers { pages } => test::write_pages_of_readers(&place, &pages),
        Task::Bench(options) => bench::run(&place, &options),
        Task::Crash(options) => crash::run(&place, &options),
        Task::Images(options) => images::run(&options),
        Task::Layers => layers::run(&place),
        Task::Prose => prose::run(&place),
        Task::Names => layers::print_names(&place),
        Task::Setup => {
            let _lock = place.lock_judges()?;
            setup::run(&place).map(drop)
        }
        Task::Install { prefix, destdir } => install::run(&place, &prefix, destdir.as_deref()),
        Task::Walk { directory } => {
            print!(
                "{}",
                listing::to_json_lines(&listing::walk(&directory, listing::LargeDirectories::ByName)?)?
            );
            Ok(())
        }
        Task::Inside { shared } => guest::run_inside(&shared),
        Task::Mount { images, options } => show_mounted(&place, &images, &options),
    }
}

fn show_mounted(place: &Place, images: &[PathBuf], options: &str) -> Result<()> {
    let _lock = place.lock_judges()?;
    let kernels = setup::run(place)?;
    for kernel in &kernels {
        let folder = place.fresh("mount")?;
        let guest = guest::Guest::new(&place.shell()?, kernel, &folder)?;
        let jobs: Vec<guest::Job> = images
            .iter()
            .map(|image| {
                let name = image.display().to_string();
                Ok(guest::Job {
                    name,
                    image: image.canonicalize()?,
                    filesystem: "udf".to_owned(),
                    options: options.to_owned(),
                    work: guest::Work::List,
                })
            })
            .collect::<Result<_>>()?;
        let outcomes = guest.run(&jobs, std::time::Duration::from_secs(600))?;
        for (job, outcome) in jobs.iter().zip(outcomes) {
            println!(
                "{} in Linux {}, {} ms",
                job.name, kernel.version, outcome.milliseconds
            );
            outcome
                .error
                .iter()
                .chain(&outcome.complaints)
                .for_each(|line| println!("  {line}"));
            print!("{}", listing::to_json_lines(&outcome.listing)?);
        }
    }
    Ok(())
}
