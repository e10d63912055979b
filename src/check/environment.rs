//! An execution environment: one process of the handler, the Lambda Runtime API that
//! serves it, and what it writes to its output.
//!
//! The crate `lambda-simulator` was looked at first. It serves one queue for all
//! processes, takes JSON only, and is asked again and again for the state of an
//! invocation; a schedule needs to choose the process, and to be told at once.

mod home;
mod output;
mod process;
mod runtime_api;
mod survivors;
mod variables;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hyper::body::Bytes;
use tokio::task::JoinHandle;

use self::home::Home;
use self::output::Output;
pub use self::output::{Captured, During, Line, Stream};
use self::process::Process;
pub use self::process::kill_all_processes;
use self::runtime_api::RuntimeApi;
use self::survivors::Mark;
use super::function::Function;
use super::news::{EnvironmentId, Happened, News, Sender};

/// How long an environment that was ended is waited for, if it cannot be killed.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// Where an environment finds all that is not itself.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The endpoint of DynamoDB, such as `http://127.0.0.1:8000`.
    pub dynamodb: String,
    /// The endpoint of every other AWS service.
    pub others: String,
    /// The proxy for everything else.
    pub proxy: String,
    /// Variables for this environment alone, over all others.
    pub variables: BTreeMap<String, String>,
}

/// One invocation of the handler.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Its request id.
    pub request_id: String,
    /// When it times out, by the clock that the handler sees. That it does is for
    /// the caller to see to.
    pub deadline: SystemTime,
    /// The event, as JSON.
    pub document: Bytes,
    /// Its X-Ray tracing header.
    pub trace_id: String,
    /// What a caller from the mobile SDK would tell of itself.
    pub client_context: Option<String>,
    /// The Amazon Cognito identity of such a caller.
    pub cognito_identity: Option<String>,
}

/// An execution environment of the handler. Ends with all its processes when it is
/// dropped; [`Environment::end`] also waits for that.
#[derive(Debug)]
pub struct Environment {
    id: EnvironmentId,
    runtime_api: RuntimeApi,
    process: Process,
    output: Output,
    watch: JoinHandle<()>,
    // Last, so that it is removed when nobody writes to it any more.
    home: Home,
}

impl Environment {
    /// Starts the handler in an environment of its own. All that it does is told to
    /// `news`: that it [waits](Happened::Waits) for its first invocation, and,
    /// exactly once, that it [exited](Happened::Exited).
    ///
    /// # Errors
    ///
    /// If the command cannot be started.
    ///
    /// # Panics
    ///
    /// If called outside of a tokio runtime.
    pub async fn start(
        function: &Function,
        id: EnvironmentId,
        surroundings: &Surroundings,
        news: Sender,
    ) -> Result<Self, NotStarted> {
        let os = |what| move |source| NotStarted::Os { what, source };
        let mark = Mark::fresh();
        let home = Home::create(mark.token()).map_err(os("make a temporary directory"))?;
        let runtime_api = RuntimeApi::open(function.arn(), id, news.clone())
            .await
            .map_err(os("listen on a loopback port"))?;
        let variables = variables::all(
            function,
            surroundings,
            &variables::Own {
                id,
                runtime_api: runtime_api.address(),
                home: &home,
                mark: &mark,
            },
        )?;
        let (output, written) = Output::open().map_err(os("make pipes"))?;
        let process = Process::start(function, variables, written, mark)?;
        let exit = process.exit();
        let watch = tokio::spawn(async move {
            let what = Happened::Exited { how: exit.await };
            // Nobody listens any more: nobody needs to know.
            let _ = news.send(News { from: id, what });
        });
        Ok(Self {
            id,
            runtime_api,
            process,
            output,
            watch,
            home,
        })
    }

    /// Which environment this is.
    pub fn id(&self) -> EnvironmentId {
        self.id
    }

    /// Thaws the environment and hands an invocation to it.
    ///
    /// # Errors
    ///
    /// If it does not wait for one, or no HTTP header can carry what the invocation
    /// says.
    pub fn invoke(&self, invocation: Invocation) -> Result<(), NotInvoked> {
        self.output.attribute_to(&invocation.request_id);
        self.runtime_api.invoke(invocation)?;
        self.thaw();
        Ok(())
    }

    /// Whether all its processes have loaded this library, and go by the time that it
    /// tells.
    pub fn heeds(&self, library: &Path) -> bool {
        self.process.heeds(library)
    }

    /// Stops all its processes, as Lambda does from an environment's answer to its
    /// next invocation.
    ///
    /// A process that left the handler's process group is found by the first call.
    /// One that leaves it later is not, because looking for it takes a thousand times
    /// as long as a signal. It cannot do any harm unseen: its table calls are held.
    pub fn freeze(&self) {
        self.process.freeze();
    }

    /// Lets its processes go on.
    pub fn thaw(&self) {
        self.process.thaw();
    }

    /// The lines that it wrote since the last time. Holds all that it had written
    /// before it did what is known of it: its answer, its table call, its exit. A line
    /// is taken when it is whole, or when the process has exited.
    pub fn take_output(&self) -> Captured {
        match self.process.has_exited() {
            true => self.output.take_all(),
            false => self.output.take(),
        }
    }

    /// Ends the environment with all its processes at once, as a crash would, and
    /// waits until they are gone. Returns what it wrote at last.
    pub async fn end(self) -> Captured {
        self.process.end().await;
        let Self {
            watch,
            output,
            home,
            ..
        } = self;
        // Over as soon as the process is gone; which it is, unless a file system hangs.
        let _ = tokio::time::timeout(LAST_WAIT, watch).await;
        let captured = output.take_all();
        // A handler may have left a large tree behind.
        let _ = tokio::task::spawn_blocking(move || drop(home)).await;
        captured
    }
}

/// Why an environment could not be started.
#[derive(Debug)]
#[non_exhaustive]
pub enum NotStarted {
    /// The handler's directory is none.
    NoDirectory {
        /// What was given for one.
        directory: PathBuf,
    },
    /// There is no command.
    NoCommand,
    /// There is no such program.
    NotFound {
        /// As it was given.
        program: String,
        /// Where it was looked for.
        path: String,
    },
    /// The program cannot be executed.
    NotExecutable {
        /// Where it was found.
        program: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A variable of the function that no process can be given.
    Unspeakable {
        /// Which.
        variable: String,
    },
    /// The operating system refused something else.
    Os {
        /// What was to be done.
        what: &'static str,
        /// What it says.
        source: io::Error,
    },
    /// A variable of the function that must not be set.
    Reserved {
        /// Which.
        variable: String,
    },
}

impl fmt::Display for NotStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDirectory { directory } => write!(
                f,
                "{} is no directory; give the one with the handler's code",
                directory.display()
            ),
            Self::NoCommand => f.write_str(
                "there is no command to start the handler with; give one, such as \
                 python3 -m awslambdaric app.handler",
            ),
            Self::NotFound { program, path } => write!(
                f,
                "there is no program {program:?} in {path}; check its spelling, or give its \
                 path"
            ),
            Self::NotExecutable { program, source } => write!(
                f,
                "{} cannot be executed: {source}; it must be a program of this machine's \
                 kind, or a script that starts with #! and an interpreter, and have been made \
                 executable with chmod +x",
                program.display()
            ),
            Self::Os { what, source } => write!(
                f,
                "could not {what}: {source}; is this machine out of files, memory or disk?"
            ),
            Self::Reserved { variable } => write!(
                f,
                "the variable {variable} cannot be given: it is set for each environment, so \
                 that no handler can reach an AWS account"
            ),
            Self::Unspeakable { variable } => write!(
                f,
                "the variable {variable:?} cannot be given: a name is not empty and has no =, \
                 and neither it nor a value has a NUL character"
            ),
        }
    }
}

impl std::error::Error for NotStarted {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotExecutable { source, .. } | Self::Os { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Why an invocation could not be handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotInvoked {
    /// The environment does not wait for one.
    NotWaiting,
    /// A part of the invocation cannot be sent.
    NotSendable {
        /// The header that would have to carry it.
        header: &'static str,
    },
}

impl fmt::Display for NotInvoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWaiting => f.write_str(
                "the environment does not wait for an invocation; hand it one after it asked \
                 for its next",
            ),
            Self::NotSendable { header } => write!(
                f,
                "{header} cannot be sent: an HTTP header has printable characters only"
            ),
        }
    }
}

impl std::error::Error for NotInvoked {}
