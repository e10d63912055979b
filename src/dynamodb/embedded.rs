//! DynamoDB in this very process: dynoxide, an emulator on SQLite, served on a
//! loopback port.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A DynamoDB API that lives in memory, on a port of its own, until it is dropped.
///
/// ```
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use redeliver::dynamodb::{Client, Embedded};
/// use serde_json::json;
///
/// let embedded = Embedded::start().await?;
/// let client = Client::new(&embedded.endpoint())?;
/// let tables = client.call("ListTables", &json!({})).await?;
/// assert_eq!(tables["TableNames"], json!([]));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Embedded {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Embedded {
    /// Starts the API on the Tokio runtime that this is called on.
    ///
    /// # Errors
    ///
    /// If no loopback port can be had, or SQLite cannot be set up.
    pub async fn start() -> Result<Self, NotStarted> {
        let database = Database::memory().map_err(|error| NotStarted(error.to_string()))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(|error| NotStarted(error.to_string()))?;
        let address = listener
            .local_addr()
            .map_err(|error| NotStarted(error.to_string()))?;
        let server = tokio::spawn(dynoxide::server::serve_on(listener, database));
        Ok(Self { address, server })
    }

    /// Where the API is, as a URL.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The embedded DynamoDB could not be started.
#[derive(Clone, Debug)]
pub struct NotStarted(String);

impl fmt::Display for NotStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the embedded DynamoDB could not be started: {}", self.0)
    }
}

impl std::error::Error for NotStarted {}
