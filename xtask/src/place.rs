//! Where the repository is, and where its tasks may put files.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::Shell;

/// The repository, and the judges' folders below `target/`.
pub struct Place {
    root: PathBuf,
    target: PathBuf,
}

impl Place {
    /// The repository that this program was built from.
    pub fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask is not in a workspace")?;
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        Ok(Self {
            root: root.to_owned(),
            target,
        })
    }

    /// Cargo's target directory.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// What the judges keep between runs (kernels).
    pub fn judges(&self) -> PathBuf {
        self.target.join("judges")
    }

    /// What a run records; removed if it passes.
    pub fn work(&self) -> PathBuf {
        self.judges().join("work")
    }

    /// Waits until no other run uses the judges' folders, and holds them until the lock is dropped.
    pub fn lock_judges(&self) -> Result<File> {
        std::fs::create_dir_all(self.judges())?;
        let lock = File::create(self.judges().join("lock")).context("cannot make the judges' lock")?;
        if lock.try_lock().is_err() {
            println!("waiting for another run of the judges");
            lock.lock().context("cannot lock the judges' folder")?;
        }
        Ok(lock)
    }

    /// A fresh, empty folder for the large files of one task; removes what an earlier run left there.
    pub fn fresh(&self, name: &str) -> Result<PathBuf> {
        let folder = self.work().join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }

    /// A shell in the root of the workspace.
    pub fn shell(&self) -> Result<Shell> {
        let shell = Shell::new()?;
        shell.change_dir(&self.root);
        Ok(shell)
    }
}
