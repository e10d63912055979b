//! What befalls calls in a world.

use redeliver_model::history::History;
use redeliver_model::table::{FailedCondition, Failure, Operation, Reason, Reply, Value, Write};
use redeliver_model::world::Demand;

use crate::support::*;

/// The replies to the calls of a history, in order.
fn replies(history: &History) -> Vec<Option<Reply>> {
    let calls = history.steps.iter().filter_map(|step| step.call.as_ref());
    calls.map(|call| call.reply.clone()).collect()
}

#[test]
fn a_call_may_have_every_fate_that_its_operation_admits() {
    let fates = |operation: Operation| {
        let scene = one(1).with_faults(1);
        let script = calls(operation);
        let mut stage = Stage::new(&scene, &script);
        stage.play("start 1");
        stage.offers().join("; ").replace("call 1.1#1 ", "")
    };
    let write = "answered; conflict; late; reply-lost; resent; server-error; \
                 server-error-after-write; throttled; crash 1.1 applied; crash 1.1 late; \
                 crash 1.1 never";
    assert_eq!(fates(put("a", &by("me"))), write);
    let transaction = Operation::Transact {
        writes: vec![],
        token: None,
    };
    assert_eq!(fates(transaction), write);
    assert_eq!(
        fates(Operation::Batch { writes: vec![] }),
        "answered; late; reply-lost; server-error; server-error-after-write; throttled; \
         unprocessed; crash 1.1 applied; crash 1.1 late; crash 1.1 never"
    );
    assert_eq!(
        fates(effect("a", None, "mail")),
        "answered; late; reply-lost; resent; server-error; server-error-after-write; throttled; \
         crash 1.1 applied; crash 1.1 late; crash 1.1 never"
    );
    assert_eq!(
        fates(read("a", true)),
        "answered; server-error; throttled; crash 1.1 never"
    );
    assert_eq!(
        fates(read("a", false)),
        "answered; server-error; stale; throttled; crash 1.1 never"
    );
}

/// What a call of the second of two deliveries is answered, and what the table
/// holds then; the first has put `first` there.
fn befalls(operation: Operation, fate: &str) -> (Reply, Option<String>) {
    let scene = one(2).with_faults(1);
    let script = |told: &Told<'_>| match (told.delivery(), told.reply()) {
        (0, None) => Next::Call(vec![put("a", &by("first"))]),
        (_, None) => Next::Call(vec![operation.clone()]),
        _ => succeeds(1),
    };
    let mut stage = Stage::new(&scene, &script);
    stage.play("start 1; call 1.1#1 answered; return 1.1; start 2");
    let demand = stage.take(choices(&format!("call 2.1#1 {fate}"))[0]);
    let Demand::Resume(_, reply) = demand else {
        panic!("{demand:?}");
    };
    let writer = stage
        .world
        .table()
        .items()
        .get("a")
        .map(|it| match &it["by"] {
            Value::Text(text) => text.to_string(),
            Value::Number(number) => number.to_string(),
        });
    (reply, writer)
}

#[test]
fn each_fate_writes_or_not_and_answers_in_its_way() {
    let put = || put("a", &by("second"));
    let (first, second) = (Some("first".to_owned()), Some("second".to_owned()));
    let failed = Reply::Failed;
    for (fate, reply, holds) in [
        ("answered", Reply::Written, &second),
        ("conflict", failed(Failure::Conflict), &first),
        ("late", failed(Failure::NoReply), &first),
        ("reply-lost", failed(Failure::NoReply), &second),
        ("resent", Reply::Written, &second),
        ("server-error", failed(Failure::ServerError), &first),
        (
            "server-error-after-write",
            failed(Failure::ServerError),
            &second,
        ),
        ("throttled", failed(Failure::Throttled), &first),
    ] {
        assert_eq!(befalls(put(), fate), (reply, holds.clone()), "{fate}");
    }
}

#[test]
fn a_stale_read_is_answered_from_before_the_last_write() {
    assert_eq!(befalls(read("a", false), "stale").0, Reply::Item(None));
    assert_eq!(
        befalls(read("a", false), "answered").0,
        Reply::Item(Some(by("first")))
    );
}

#[test]
fn an_unprocessed_batch_is_written_but_for_its_last_write() {
    let writes = || match put("a", &by("second")) {
        Operation::Write { write, .. } => vec![write.clone(), write],
        _ => vec![],
    };
    let batch = |count| Operation::Batch {
        writes: writes()[..count].to_vec(),
    };
    let (first, second) = (Some("first".to_owned()), Some("second".to_owned()));
    let unprocessed = Reply::Unprocessed;
    assert_eq!(
        befalls(batch(1), "unprocessed"),
        (unprocessed(vec![0]), first)
    );
    assert_eq!(
        befalls(batch(2), "unprocessed"),
        (unprocessed(vec![1]), second)
    );
}

#[test]
fn a_conflict_cancels_a_transaction_for_its_first_write() {
    let transaction = |writes: usize| Operation::Transact {
        writes: vec![
            Write::Check {
                key: "a".into(),
                condition: Default::default()
            };
            writes
        ],
        token: None,
    };
    let (reply, _) = befalls(transaction(2), "conflict");
    assert_eq!(
        reply,
        Reply::Cancelled(vec![Reason::Conflict, Reason::None])
    );
    let (reply, _) = befalls(transaction(0), "conflict");
    assert_eq!(reply, Reply::Cancelled(vec![]));
}

#[test]
fn a_call_that_is_sent_again_meets_its_own_write_unless_it_is_a_transaction() {
    let script = calls(put_if_absent("a", &by("me")));
    let scene = one(1).with_faults(1);
    let history = run(&scene, &script, "start 1; call 1.1#1 resent");
    let own = Reply::ConditionFailed(FailedCondition {
        item: Some(by("me")),
    });
    assert_eq!(replies(&history), [Some(own)]);
    assert_eq!(history.steps[1].changes.len(), 1);

    let insert = |key: &str| match put_if_absent(key, &by("me")) {
        Operation::Write { write, .. } => write,
        _ => unreachable!(),
    };
    let transaction = |keys: &[&str]| Operation::Transact {
        writes: keys.iter().map(|key| insert(key)).collect(),
        token: None,
    };
    let script = calls(transaction(&["a"]));
    let history = run(&scene, &script, "start 1; call 1.1#1 resent");
    assert_eq!(replies(&history), [Some(Reply::Written)]);
    assert_eq!(history.steps[1].changes.len(), 1);
    // One that is cancelled is cancelled again.
    let script = calls(transaction(&["a", "a"]));
    let script = |told: &Told<'_>| match (told.replies.len(), told.reply()) {
        (0, _) => Next::Call(vec![put("a", &by("me"))]),
        (1, _) => Next::Call(vec![transaction(&["a"])]),
        _ => script(told),
    };
    let schedule = "start 1; call 1.1#1 answered; call 1.1#2 resent";
    let history = run(&scene, &script, schedule);
    assert!(matches!(&replies(&history)[1], Some(Reply::Cancelled(reasons)) if reasons.len() == 1));
}

#[test]
fn an_effect_is_performed_as_often_as_its_calls_arrive() {
    let script = calls(effect("a", None, "mail"));
    let scene = one(1).with_faults(1);
    for (fate, times) in [
        ("answered", 1),
        ("late", 0),
        ("reply-lost", 1),
        ("resent", 2),
        ("server-error", 0),
        ("server-error-after-write", 1),
        ("throttled", 0),
    ] {
        let history = run(&scene, &script, &format!("start 1; call 1.1#1 {fate}"));
        assert_eq!(history.steps[1].performed, times, "{fate}");
        assert_eq!(history.steps[0].performed, 0);
    }
}

#[test]
fn a_late_write_is_applied_at_any_time_and_dropped_only_at_the_end() {
    let script = calls(put("a", &by("me")));
    let scene = one(2).with_faults(1);
    let mut stage = Stage::new(&scene, &script);
    stage.play("start 1; call 1.1#1 late");
    assert_eq!(
        stage.offers(),
        ["return 1.1", "start 2", "apply-late 1.1#1"]
    );
    stage.play("return 1.1; start 2; call 2.1#1 answered; return 2.1");
    assert_eq!(stage.offers(), ["drop-late 1.1#1", "apply-late 1.1#1"]);
    stage.play("drop-late 1.1#1");
    assert!(stage.offers().is_empty());

    let mut stage = Stage::new(&scene, &script);
    stage.play("start 1; call 1.1#1 late; apply-late 1.1#1");
    let applied = stage.world.history().steps.last().unwrap();
    assert_eq!(applied.changes.len(), 1);
    let call = applied.call.as_ref().unwrap();
    assert_eq!(
        (call.reply.as_ref(), &*call.operation),
        (None, &put("a", &by("me")))
    );
    assert_eq!(stage.offers(), ["return 1.1", "start 2"]);
}

#[test]
fn of_several_late_writes_the_one_that_was_named_is_applied() {
    let script = |told: &Told<'_>| match told.replies.len() {
        0 => Next::Call(vec![put("a", &by("me"))]),
        1 => Next::Call(vec![put("b", &by("me"))]),
        _ => succeeds(1),
    };
    let scene = one(1).with_faults(2);
    let mut stage = Stage::new(&scene, &script);
    stage.play("start 1; call 1.1#1 late; call 1.1#2 late; return 1.1");
    let all = [
        "drop-late 1.1#1",
        "apply-late 1.1#1",
        "drop-late 1.1#2",
        "apply-late 1.1#2",
    ];
    assert_eq!(stage.offers(), all);
    stage.play("apply-late 1.1#2");
    assert_eq!(
        stage
            .world
            .table()
            .items()
            .keys()
            .map(|it| &**it)
            .collect::<Vec<_>>(),
        ["b"]
    );
    assert_eq!(stage.offers(), ["drop-late 1.1#1", "apply-late 1.1#1"]);
}

#[test]
fn a_write_that_an_invocation_does_not_wait_for_happens_late_and_a_read_never() {
    let script = |told: &Told<'_>| match told.turn {
        0 => Next::Call(vec![
            put("a", &by("me")),
            read("a", true),
            put("b", &by("me")),
        ]),
        1 => Next::GiveUp(3),
        2 => Next::Wait,
        _ => succeeds(1),
    };
    let scene = one(1);
    let mut stage = Stage::new(&scene, &script);
    stage.play("start 1");
    let all = [
        "call 1.1#1 answered",
        "call 1.1#2 answered",
        "call 1.1#3 answered",
    ];
    assert_eq!(stage.offers(), all);
    stage.play("call 1.1#2 answered");
    assert_eq!(stage.offers(), ["call 1.1#1 answered", "apply-late 1.1#3"]);
    stage.play("call 1.1#1 answered; return 1.1");
    assert_eq!(stage.offers(), ["drop-late 1.1#3", "apply-late 1.1#3"]);

    // Whoever answers waits no more.
    let script = |told: &Told<'_>| match told.turn {
        0 => Next::Call(vec![
            put("a", &by("me")),
            read("a", true),
            put("b", &by("me")),
        ]),
        _ => succeeds(1),
    };
    let mut stage = Stage::new(&scene, &script);
    stage.play("start 1; call 1.1#3 answered");
    assert_eq!(stage.offers(), ["return 1.1", "apply-late 1.1#1"]);
}

#[test]
fn a_call_in_its_time_sees_the_time() {
    let token = || Operation::Transact {
        writes: vec![match put_if_absent("a", &by("me")) {
            Operation::Write { write, .. } => write,
            _ => unreachable!(),
        }],
        token: Some("token".into()),
    };
    let script = calls(token());
    let scene = one(2).with_waits(1);
    let history = run(
        &scene,
        &script,
        "start 1; call 1.1#1 answered; return 1.1; start 2",
    );
    assert_eq!(
        replies(&history),
        [Some(Reply::Written), Some(Reply::Written)]
    );
    let later = "start 1; call 1.1#1 answered; return 1.1; wait six-hours; start 2";
    let history = run(&scene, &script, later);
    assert!(matches!(replies(&history)[1], Some(Reply::Cancelled(_))));
}
