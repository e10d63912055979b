//! What invokes a function, and how often it is tried.

use super::Template;
use super::intrinsic::Resolver;
use super::yaml::Node;

/// What invokes a function, as far as its template says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// S3 does.
    pub s3: bool,
    /// SNS does.
    pub sns: bool,
    /// EventBridge does.
    pub event_bridge: bool,
    /// These queues do.
    pub queues: Vec<Queued>,
}

/// A queue that a function is invoked with, and the event source mapping between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// The queue's logical id, if it is in the template.
    pub queue: Option<String>,
    /// The most messages in a batch.
    pub batch_size: u32,
    /// Whether the mapping has `ReportBatchItemFailures`.
    pub partial_batches: bool,
    /// The queue's `maxReceiveCount`; without one it never gives up.
    pub max_receives: Option<u32>,
    /// Whether its messages come from SNS, in SNS's JSON.
    pub of_topic: bool,
}

/// How many more attempts an asynchronous invocation of a function has; two, unless
/// the template says otherwise.
pub(super) fn retries(template: &Template, function: &str) -> u32 {
    let own = template.property(function, "EventInvokeConfig");
    let mut configurations = template
        .of_kinds(&["AWS::Lambda::EventInvokeConfig"])
        .into_iter()
        .filter_map(|id| template.properties(id))
        .filter(|it| is_for(template, it, "FunctionName", function));
    let configuration = own.or_else(|| configurations.next());
    let retries = configuration.and_then(|it| number(template, it, "MaximumRetryAttempts"));
    retries.unwrap_or(2)
}

/// What invokes a function.
pub(super) fn sources(template: &Template, function: &str) -> Sources {
    let mut sources = Sources::default();
    let own = template
        .properties(function)
        .and_then(|it| it.get("Events"));
    for (_, event) in own.into_iter().flat_map(Node::members) {
        let properties = event.get("Properties");
        match event.get("Type").and_then(Node::text) {
            Some("S3") => sources.s3 = true,
            Some("SNS") => match properties.and_then(|it| it.get("SqsSubscription")) {
                Some(subscription) if subscription.text() != Some("false") => {
                    let queue = Queued {
                        of_topic: true,
                        ..queued(template, subscription)
                    };
                    sources.queues.push(queue);
                }
                _ => sources.sns = true,
            },
            Some("EventBridgeRule" | "CloudWatchEvent") => sources.event_bridge = true,
            Some("SQS") => sources
                .queues
                .extend(properties.map(|it| queued(template, it))),
            _ => {}
        }
    }
    let all = |kind| {
        let ids = template.of_kinds(&[kind]).into_iter();
        ids.filter_map(|id| template.properties(id))
    };
    for mapping in all("AWS::Lambda::EventSourceMapping") {
        if is_for(template, mapping, "FunctionName", function) && is_queue(template, mapping) {
            sources.queues.push(queued(template, mapping));
        }
    }
    sources.s3 |= all("AWS::S3::Bucket")
        .any(|it| is_for(template, it, "NotificationConfiguration", function));
    sources.sns |=
        all("AWS::SNS::Subscription").any(|it| is_for(template, it, "Endpoint", function));
    sources.sns |= all("AWS::SNS::Topic").any(|it| is_for(template, it, "Subscription", function));
    sources.event_bridge |=
        all("AWS::Events::Rule").any(|it| is_for(template, it, "Targets", function));
    sources
}

/// Whether a property refers to a resource.
fn is_for(template: &Template, properties: &Node, name: &str, resource: &str) -> bool {
    let property = properties.get(name);
    property.is_some_and(|it| template.mentions(it, resource))
}

/// Whether an event source mapping reads a queue.
fn is_queue(template: &Template, mapping: &Node) -> bool {
    let arn = mapping.get("EventSourceArn");
    let arn = arn.and_then(|it| Resolver::new(template).text(it).ok());
    queue(template, mapping).is_some() || arn.is_some_and(|it| it.contains(":sqs:"))
}

/// The logical id of the queue that a mapping reads.
fn queue<'a>(template: &'a Template, mapping: &Node) -> Option<&'a str> {
    let queues = template.of_kinds(&["AWS::SQS::Queue"]).into_iter();
    let mut named = queues.filter(|id| {
        let by = ["EventSourceArn", "Queue", "QueueArn"];
        by.iter().any(|name| is_for(template, mapping, name, id))
    });
    named.next()
}

fn queued(template: &Template, mapping: &Node) -> Queued {
    let queue = queue(template, mapping);
    let properties = queue.and_then(|it| template.properties(it));
    let redrive = properties.and_then(|it| it.get("RedrivePolicy"));
    let redrive = redrive.map(|it| template.branch(it));
    let responses = mapping.get("FunctionResponseTypes");
    let responses = responses.map_or(&[][..], |it| template.branch(it).elements());
    // A subscription delivers SNS's JSON unless it is raw.
    let subscribed = template
        .of_kinds(&["AWS::SNS::Subscription"])
        .into_iter()
        .filter_map(|id| template.properties(id))
        .any(|it| {
            let raw = it.get("RawMessageDelivery").and_then(Node::text) == Some("true");
            !raw && queue.is_some_and(|queue| is_for(template, it, "Endpoint", queue))
        });
    Queued {
        queue: queue.map(str::to_owned),
        batch_size: number(template, mapping, "BatchSize").unwrap_or(10),
        partial_batches: responses
            .iter()
            .any(|it| it.text() == Some("ReportBatchItemFailures")),
        max_receives: redrive.and_then(|it| number(template, it, "maxReceiveCount")),
        of_topic: subscribed,
    }
}

fn number(template: &Template, properties: &Node, name: &str) -> Option<u32> {
    let text = Resolver::new(template).text(properties.get(name)?).ok()?;
    text.parse().ok()
}
