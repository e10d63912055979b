//! What an environment writes to its standard output and standard error.

mod lines;

use std::io::{self, ErrorKind};
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::io::read;
use tokio::net::unix::pipe::Receiver;
use tokio::task::JoinHandle;

use self::lines::Lines;
pub use self::lines::{Captured, During, Line, Stream};

/// As much as a pipe holds, unless its writer asks for more (pipe(7)).
const ONE_READ: usize = 64 * 1024;

/// As much as a pipe can be made to hold without privileges (pipe(7)).
const ALL_IN_A_PIPE: usize = 1024 * 1024;

/// A handler that fills a pipe in one go is not read from for so long, and so cannot
/// keep a processor busy: it will have to wait.
const BREATH: Duration = Duration::from_millis(5);

/// The reading end of an environment's output.
#[derive(Debug)]
pub(super) struct Output {
    pipes: Arc<Pipes>,
    readers: [JoinHandle<()>; 2],
}

/// The writing end, for the process.
pub(super) struct Written {
    pub(super) stdout: Stdio,
    pub(super) stderr: Stdio,
}

impl Output {
    pub(super) fn open() -> io::Result<(Self, Written)> {
        let (stdout, to_stdout) = io::pipe()?;
        let (stderr, to_stderr) = io::pipe()?;
        let pipes = Arc::new(Pipes {
            stdout: Receiver::from_owned_fd(stdout.into())?,
            stderr: Receiver::from_owned_fd(stderr.into())?,
            read: Mutex::new(WhatWasRead {
                lines: Lines::default(),
                buffer: vec![0; ONE_READ].into(),
            }),
        });
        let reader = |stream| tokio::spawn(Arc::clone(&pipes).follow(stream));
        let readers = [Stream::Stdout, Stream::Stderr].map(reader);
        let written = Written {
            stdout: to_stdout.into(),
            stderr: to_stderr.into(),
        };
        Ok((Self { pipes, readers }, written))
    }

    /// What is read from now on is of this invocation.
    pub(super) fn attribute_to(&self, request_id: &str) {
        self.pipes.read_all();
        let during = During::Invocation(request_id.into());
        self.pipes.read().lines.attribute_to(during);
    }

    /// All whole lines since the last time, those included that were written but not
    /// read yet.
    pub(super) fn take(&self) -> Captured {
        self.pipes.read_all();
        self.pipes.read().lines.take()
    }

    /// The same, and what has come of a last line.
    pub(super) fn take_all(&self) -> Captured {
        self.pipes.read_all();
        let mut read = self.pipes.read();
        read.lines.end(Stream::Stdout);
        read.lines.end(Stream::Stderr);
        read.lines.take()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        for reader in &self.readers {
            reader.abort();
        }
    }
}

#[derive(Debug)]
struct Pipes {
    stdout: Receiver,
    stderr: Receiver,
    read: Mutex<WhatWasRead>,
}

#[derive(Debug)]
struct WhatWasRead {
    lines: Lines,
    buffer: Box<[u8]>,
}

/// What came of reading a pipe.
#[derive(PartialEq)]
enum Progress {
    /// Its writers have closed it, or nobody can read from it.
    Ended,
    /// There is nothing more for now.
    Nothing,
    /// So many bytes were read.
    Bytes(usize),
}

impl Pipes {
    /// Reads a stream to its end, as it is written.
    async fn follow(self: Arc<Self>, stream: Stream) {
        while self.pipe(stream).readable().await.is_ok() {
            match self.read_once(stream, Receiver::try_read) {
                Progress::Ended => return,
                Progress::Bytes(ONE_READ) => tokio::time::sleep(BREATH).await,
                Progress::Bytes(_) | Progress::Nothing => {}
            }
        }
    }

    /// Reads what is in the pipes, without waiting. Asks the pipes and not tokio, which
    /// may not have heard of it yet, while what the process did next is known already.
    fn read_all(&self) {
        for stream in [Stream::Stdout, Stream::Stderr] {
            let mut left = ALL_IN_A_PIPE;
            while left > 0
                && let Progress::Bytes(count) =
                    self.read_once(stream, |pipe, buffer| Ok(read(pipe, buffer)?))
            {
                left = left.saturating_sub(count);
            }
        }
    }

    fn read_once(
        &self,
        stream: Stream,
        read: impl FnOnce(&Receiver, &mut [u8]) -> io::Result<usize>,
    ) -> Progress {
        let WhatWasRead { lines, buffer } = &mut *self.read();
        match read(self.pipe(stream), buffer) {
            Ok(0) => {
                lines.end(stream);
                Progress::Ended
            }
            Ok(count) => {
                lines.add(stream, &buffer[..count]);
                Progress::Bytes(count)
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::Interrupted => Progress::Nothing,
                _ => Progress::Ended,
            },
        }
    }

    fn pipe(&self, stream: Stream) -> &Receiver {
        match stream {
            Stream::Stdout => &self.stdout,
            Stream::Stderr => &self.stderr,
        }
    }

    fn read(&self) -> MutexGuard<'_, WhatWasRead> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
