//! The pseudo-terminal that stands for the reader's serial cable.
//!
//! The reader holds the master side only. So it sees the host open and close the port, and what nobody was there to
//! read is thrown away, as on a real line. A symbolic link gives the port a path that outlives unplugging.

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;
use nix::sys::termios::{FlushArg, SetArg, cfmakeraw, tcflush, tcgetattr, tcsetattr};
use nix::unistd::{read, ttyname, write};
use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

/// What waiting on the line ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wake {
    /// Bytes can be read.
    Bytes,
    /// No host has the port open.
    NoHost,
    /// The time passed, or the other side of the waking socket was written to.
    Nothing,
}

/// A plugged-in cable. Dropping it unplugs: the host's reads and writes fail, and the link is gone.
#[derive(Debug)]
pub(super) struct Line {
    master: OwnedFd,
    terminal: PathBuf,
    link: Option<PathBuf>,
}

impl Line {
    /// Makes a new pseudo-terminal in raw mode and, if asked for, the link to it (replacing an older link, but nothing
    /// that is not a link).
    pub(super) fn open(link: Option<&Path>) -> io::Result<Self> {
        let pair = openpty(None, None)?;
        let terminal = ttyname(&pair.slave)?;
        let mut mode = tcgetattr(&pair.slave)?;
        cfmakeraw(&mut mode);
        tcsetattr(&pair.slave, SetArg::TCSANOW, &mode)?;
        let flags = OFlag::from_bits_retain(fcntl(&pair.master, FcntlArg::F_GETFL)?);
        fcntl(&pair.master, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
        if let Some(link) = link {
            point(link, &terminal)?;
        }
        Ok(Self { master: pair.master, terminal, link: link.map(Path::to_path_buf) })
    }

    /// Where a host opens the port.
    pub(super) fn path(&self) -> &Path {
        self.link.as_deref().unwrap_or(&self.terminal)
    }

    /// Waits for bytes, for `waker`, or for `milliseconds`.
    pub(super) fn wait(&self, waker: BorrowedFd<'_>, milliseconds: u16) -> io::Result<Wake> {
        let mut both = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN), PollFd::new(waker, PollFlags::POLLIN)];
        match poll(&mut both, PollTimeout::from(milliseconds)) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let events = both[0].revents().unwrap_or(PollFlags::empty());
        Ok(if events.contains(PollFlags::POLLIN) {
            Wake::Bytes
        } else if events.contains(PollFlags::POLLHUP) {
            Wake::NoHost
        } else {
            Wake::Nothing
        })
    }

    /// What has arrived; empty when nothing has, or the host is gone.
    pub(super) fn read(&self) -> Vec<u8> {
        let mut buffer = [0; 512];
        match read(&self.master, &mut buffer) {
            Ok(count) => buffer.iter().take(count).copied().collect(),
            Err(_) => Vec::new(),
        }
    }

    /// Sends; what the host's buffer has no room for is lost, as on a line without flow control.
    pub(super) fn write(&self, bytes: &[u8]) {
        if let Err(error) = write(&self.master, bytes) {
            tracing::debug!(%error, count = bytes.len(), "bytes lost on the line");
        }
    }

    /// Throws away what the last host did not read. Fails when a killed host left the terminal exclusively its own.
    pub(super) fn forget_unread(&self) -> io::Result<()> {
        let terminal = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags((OFlag::O_NOCTTY | OFlag::O_NONBLOCK).bits())
            .open(&self.terminal)?;
        tcflush(terminal, FlushArg::TCIFLUSH)?;
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(link) = &self.link
            && fs::read_link(link).is_ok_and(|to| to == self.terminal)
            && let Err(error) = fs::remove_file(link)
        {
            tracing::warn!(%error, link = %link.display(), "the port's link stays behind");
        }
    }
}

/// Points `link` at `terminal` in one step.
fn point(link: &Path, terminal: &Path) -> io::Result<()> {
    match fs::symlink_metadata(link) {
        Ok(there) if !there.file_type().is_symlink() => {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                format!("{} exists and is not a link", link.display()),
            ));
        }
        _ => {}
    }
    let mut aside = link.as_os_str().to_owned();
    aside.push(format!(".{}.new", std::process::id()));
    let aside = PathBuf::from(aside);
    let _ = fs::remove_file(&aside);
    symlink(terminal, &aside)?;
    fs::rename(&aside, link)
}
