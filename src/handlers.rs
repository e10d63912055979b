//! The handlers that the kit knows by name: the reference handler, and the gallery's.

use std::fmt;

use redeliver_model::property::Keeps;
use redeliver_model::scene::Hosting;

use crate::gallery::{EXHIBITS, Verdict, exhibit};
use crate::report::printable;
use crate::simulation::{Reference, Subject};

/// The reference handler's name, in whatever configuration.
pub const REFERENCE: &str = "reference";

/// For how many keys the reference handler's cache has room, where it has one.
const CACHE: usize = 8;

/// After how many days the reference handler's rows expire, where they do: longer
/// than anybody keeps an event.
const EXPIRY: u32 = 15;

/// A handler, as it is verified.
pub struct Handler {
    /// What it is called.
    pub name: String,
    /// How it may be configured.
    pub configurations: Vec<Configuration>,
}

/// A configuration of a handler.
pub struct Configuration {
    /// The handler so configured.
    pub subject: Box<dyn Subject>,
    /// Where it runs in small scenes. At random, it runs anywhere.
    pub hostings: Vec<Hosting>,
}

impl Handler {
    /// The handler of that name: the reference handler in each of its
    /// configurations, or a handler of the gallery.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn named(name: &str) -> Result<Self, UnknownName> {
        if name != REFERENCE {
            let subject = subject(name)?;
            return Ok(Self::of(subject));
        }
        let configurations = reference().map(|reference| Configuration {
            subject: Box::new(reference),
            // A cache is shared where invocations run at once.
            hostings: match reference.cache {
                0 => vec![Hosting::Default],
                _ => vec![Hosting::Managed],
            },
        });
        Ok(Self {
            name: REFERENCE.to_owned(),
            configurations: configurations.into(),
        })
    }

    /// A handler with one configuration.
    pub fn of(subject: Box<dyn Subject>) -> Self {
        Self {
            name: subject.name().to_owned(),
            configurations: vec![Configuration {
                subject,
                hostings: vec![Hosting::Default, Hosting::Managed],
            }],
        }
    }

    /// Whether it is the reference handler.
    pub fn is_reference(&self) -> bool {
        self.name == REFERENCE
    }
}

/// The reference handler: as it is by default, with its cache, and with rows that
/// expire.
fn reference() -> [Reference; 3] {
    let plain = Reference::default();
    [
        plain,
        Reference {
            cache: CACHE,
            ..plain
        },
        Reference {
            expire_after_days: Some(EXPIRY),
            ..plain
        },
    ]
}

/// One configuration of a handler, by its name.
///
/// # Errors
///
/// If there is none of that name.
pub fn subject(name: &str) -> Result<Box<dyn Subject>, UnknownName> {
    if let Some(reference) = reference().into_iter().find(|it| it.name() == name) {
        return Ok(Box::new(reference));
    }
    match exhibit(name) {
        Some(exhibit) => Ok(Box::new(*exhibit)),
        None => Err(UnknownName::new(name, "handler", &names())),
    }
}

/// The right handler that does what a rogue of this name set out to do; none if it is no
/// rogue's name.
pub fn counterpart(name: &str) -> Option<Box<dyn Subject>> {
    let rogue = exhibit(name).filter(|it| matches!(it.verdict, Verdict::Wrong { .. }))?;
    let right = match (rogue.keeps, rogue.tally) {
        (Keeps::Effects, Some(_)) => "transactional-counter",
        (Keeps::Effects, None) => "claim-effect-complete",
        (Keeps::LatestState, _) => "latest-state",
        (Keeps::Rows, _) => REFERENCE,
    };
    subject(right).ok()
}

/// The name of every configuration of every handler.
pub fn names() -> Vec<String> {
    let mut names = reference().map(|it| it.name().to_owned()).to_vec();
    names.extend(EXHIBITS.iter().map(|it| it.name.to_owned()));
    names
}

/// A name that nothing has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    name: String,
    what: &'static str,
    closest: Option<String>,
}

/// How like a known name an unknown one must be to be taken for a slip.
const LIKENESS: f64 = 0.75;

impl UnknownName {
    /// There is no such thing of that name. The known one that is most like it is
    /// suggested.
    pub fn new(name: &str, what: &'static str, known: &[String]) -> Self {
        let like = |it: &String| strsim::jaro_winkler(&name.to_lowercase(), &it.to_lowercase());
        let closest = known.iter().max_by(|a, b| like(a).total_cmp(&like(b)));
        Self {
            name: name.to_owned(),
            what,
            closest: closest.filter(|it| like(it) >= LIKENESS).cloned(),
        }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, what, .. } = self;
        write!(f, "there is no {what} \"{}\"; ", printable(name))?;
        match &self.closest {
            Some(closest) => write!(f, "did you mean \"{closest}\"? "),
            None => Ok(()),
        }?;
        f.write_str("`redeliver explain` lists all")
    }
}

impl std::error::Error for UnknownName {}
