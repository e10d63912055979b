//! What a handler finds beside its tables, byte for byte on the wire.

#[path = "outside/effects.rs"]
mod effects;
#[path = "outside/objects.rs"]
mod objects;
#[path = "outside/refusals.rs"]
mod refusals;
#[path = "outside/stubs.rs"]
mod stubs;

use std::io::{self, Read, Write};
use std::net::TcpStream;

use redeliver::check::news::Happened;
use redeliver::check::outside::{Elsewhere, HeldEffect, Outside, Provisions, Refusal};
use tokio::task::JoinHandle;

use crate::listening::{ENVIRONMENT, Listening, PATIENCE};

struct Stage {
    elsewhere: Elsewhere,
    outside: Outside,
    news: Listening,
}

impl Stage {
    async fn set(provisions: Provisions) -> Self {
        let elsewhere = Elsewhere::new(provisions);
        let (sender, news) = Listening::new();
        let outside = Outside::open(ENVIRONMENT, &elsewhere, sender).await;
        Self {
            elsewhere,
            outside: outside.unwrap(),
            news,
        }
    }

    async fn next_effect(&mut self) -> HeldEffect {
        match self.news.next().await {
            Happened::Effect(held) => held,
            other => panic!("{other:?} is no effect"),
        }
    }

    async fn next_refusal(&mut self) -> Refusal {
        match self.news.next().await {
            Happened::Refused(refusal) => refusal,
            other => panic!("{other:?} is no refusal"),
        }
    }

    /// Sends a request, whose answer comes when it comes.
    fn send(&self, request: &Request<'_>) -> JoinHandle<io::Result<Answer>> {
        let address = self.outside.endpoint().replace("http://", "");
        let bytes = request.bytes(&address);
        tokio::task::spawn_blocking(move || exchange(&address, &bytes))
    }

    /// Sends a request that is answered at once.
    async fn ask(&self, request: &Request<'_>) -> Answer {
        self.send(request).await.unwrap().unwrap()
    }
}

/// A request, as a client writes it.
struct Request<'a> {
    line: &'a str,
    /// The service that it is signed for.
    service: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &'a str,
}

impl Request<'_> {
    fn bytes(&self, address: &str) -> Vec<u8> {
        let mut head = format!("{} HTTP/1.1\r\nconnection: close\r\n", self.line);
        if !self.headers.iter().any(|(name, _)| *name == "host") {
            head.push_str(&format!("host: {address}\r\n"));
        }
        if !self.service.is_empty() {
            head.push_str(&format!(
                "authorization: AWS4-HMAC-SHA256 Credential=redeliver/20260101/us-east-1/{}/\
                 aws4_request, SignedHeaders=host, Signature=0\r\n",
                self.service
            ));
        }
        for (name, value) in self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.body.is_empty() {
            head.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        format!("{head}\r\n{}", self.body).into_bytes()
    }
}

/// A request in JSON, as AWS's SDKs send it.
fn json<'a>(service: &'a str, target: &'a [(&'a str, &'a str)], body: &'a str) -> Request<'a> {
    Request {
        line: "POST /",
        service,
        headers: target,
        body,
    }
}

/// A request in the query protocol.
fn form<'a>(service: &'a str, body: &'a str) -> Request<'a> {
    Request {
        line: "POST /",
        service,
        headers: &[("content-type", "application/x-www-form-urlencoded")],
        body,
    }
}

/// A request to S3.
fn s3(line: &str) -> Request<'_> {
    Request {
        line,
        service: "s3",
        headers: &[],
        body: "",
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The text of the first element with a name.
    fn element(&self, name: &str) -> String {
        let document = roxmltree::Document::parse(&self.body).unwrap();
        let mut elements = document.descendants();
        let element = elements.find(|it| it.tag_name().name() == name);
        element.unwrap().text().unwrap_or_default().to_owned()
    }
}

fn exchange(address: &str, request: &[u8]) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).unwrap();
    Ok(Answer {
        status: status.parse().unwrap(),
        head: head.to_lowercase(),
        body: body.to_owned(),
    })
}
