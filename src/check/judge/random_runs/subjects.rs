//! Toy handlers, right and wrong ones.

use serde_json::json;

use super::super::scenario::*;
use crate::check::backend::Contents;
use crate::check::history::Told;

/// Who makes a call, and about what.
#[derive(Clone, Copy)]
pub(super) struct Caller<'a> {
    pub(super) event: usize,
    pub(super) request_id: &'a str,
    pub(super) position: usize,
    pub(super) nonce: u64,
}

/// What a call comes to.
pub(super) enum Came {
    /// There is another call to make, which has this number.
    Next(usize),
    /// The event is done, and this is what is said of it.
    Done(&'static str),
}

/// A handler, as the calls that it makes for an event.
pub(super) struct Subject {
    /// Makes the n-th call.
    pub(super) call: fn(&mut Contents, Caller<'_>, usize) -> (Told, Came),
    /// The rows that its calls name.
    pub(super) rows: fn(usize) -> Vec<&'static str>,
    pub(super) condition: Option<&'static str>,
    /// Whether it gives up at the first record that fails.
    pub(super) fails_fast: bool,
}

/// One that writes a row of each event unless there is one, and knows its own.
pub(super) const RIGHT: Subject = Subject {
    call: |tables, caller, _| {
        let it = json!({
            "request": {"S": caller.request_id},
            "record": {"N": caller.position.to_string()},
            "name": {"S": NAMES[caller.event]},
        });
        let Some(there) = tables.get(&row(NAMES[caller.event])) else {
            put(tables, NAMES[caller.event], &it);
            return (Told::Done, Came::Done("Inserted"));
        };
        let is_own = there["request"] == it["request"] && there["record"] == it["record"];
        let report = if is_own { "Inserted" } else { "Duplicate" };
        (Told::FailedCondition, Came::Done(report))
    },
    rows: |event| vec![NAMES[event]],
    condition: Some("attribute_not_exists(id)"),
    fails_fast: false,
};

/// One that has one row for all events: the first wins.
pub(super) const SHARED: Subject = Subject {
    call: |tables, caller, _| {
        let was_there = tables.contains_key(&row("object"));
        insert(
            tables,
            "object",
            &json!({"etag": {"S": NAMES[caller.event]}}),
        );
        match was_there {
            true => (Told::FailedCondition, Came::Done("Duplicate")),
            false => (Told::Done, Came::Done("Inserted")),
        }
    },
    rows: |_| vec!["object"],
    condition: Some("attribute_not_exists(id)"),
    fails_fast: true,
};

/// One that marks an event and counts it in one transaction.
pub(super) const COUNTED_ONCE: Subject = Subject {
    call: |tables, caller, _| {
        if tables.contains_key(&row(NAMES[caller.event])) {
            return (Told::FailedCondition, Came::Done(""));
        }
        put(tables, NAMES[caller.event], &json!({}));
        add(tables, "total", "count");
        (Told::Done, Came::Done(""))
    },
    rows: |event| vec![NAMES[event], "total"],
    condition: None,
    fails_fast: false,
};

/// One that claims an event and completes it, and takes over what others have claimed.
pub(super) const CLAIMED: Subject = Subject {
    call: |tables, caller, number| {
        let name = NAMES[caller.event];
        let is_done = |tables: &Contents| {
            let there = tables.get(&row(name));
            there.is_some_and(|it| it["status"] == json!({"S": "done"}))
        };
        if number == 0 {
            let was_there = tables.contains_key(&row(name));
            insert(tables, name, &json!({"status": {"S": "busy"}}));
            let told = if was_there {
                Told::FailedCondition
            } else {
                Told::Done
            };
            let came = if is_done(tables) {
                Came::Done("")
            } else {
                Came::Next(1)
            };
            return (told, came);
        }
        if is_done(tables) {
            return (Told::FailedCondition, Came::Done(""));
        }
        let nonce = caller.nonce.to_string();
        put(
            tables,
            name,
            &json!({"status": {"S": "done"}, "at": {"N": nonce}}),
        );
        (Told::Done, Came::Done(""))
    },
    rows: |event| vec![NAMES[event]],
    condition: None,
    fails_fast: true,
};

/// One that keeps what is newest of one object, and something of what is older.
pub(super) const LATEST: Subject = Subject {
    call: |tables, caller, _| {
        let there = tables
            .entry(row("object"))
            .or_insert_with(|| item("object", &json!({})));
        let newest = there
            .get("newest")
            .and_then(|it| it["N"].as_str()?.parse::<usize>().ok());
        if newest.is_some_and(|newest| newest >= caller.event) {
            return (Told::FailedCondition, Came::Done(""));
        }
        there.insert("newest".to_owned(), json!({"N": caller.event.to_string()}));
        there.insert(NAMES[caller.event].to_owned(), json!({"BOOL": true}));
        (Told::Done, Came::Done(""))
    },
    rows: |_| vec!["object"],
    condition: None,
    fails_fast: false,
};

/// One that counts each event however often it comes.
pub(super) const COUNTED: Subject = Subject {
    call: |tables, caller, _| {
        add(tables, NAMES[caller.event], "count");
        (Told::Done, Came::Done(""))
    },
    rows: |event| vec![NAMES[event]],
    condition: None,
    fails_fast: false,
};

/// One that stamps each row whenever its event comes.
pub(super) const STAMPED: Subject = Subject {
    call: |tables, caller, _| {
        let at = json!({"at": {"N": caller.nonce.to_string()}});
        put(tables, NAMES[caller.event], &at);
        (Told::Done, Came::Done(""))
    },
    rows: |event| vec![NAMES[event]],
    condition: None,
    fails_fast: false,
};

/// One that takes another key each time.
pub(super) const RANDOM: Subject = Subject {
    call: |tables, caller, _| {
        let name = json!({"name": {"S": NAMES[caller.event]}});
        put(tables, &format!("u{}", caller.nonce), &name);
        (Told::Done, Came::Done(""))
    },
    rows: |_| Vec::new(),
    condition: None,
    fails_fast: false,
};

impl Subject {
    /// All calls for an event, with nothing going wrong.
    pub(super) fn whole(&self, tables: &mut Contents, event: usize, nonce: u64) {
        let request_id = format!("alone {nonce}");
        let mut number = 0;
        loop {
            let caller = Caller {
                event,
                request_id: &request_id,
                position: 0,
                nonce,
            };
            match (self.call)(tables, caller, number).1 {
                Came::Next(next) => number = next,
                Came::Done(_) => return,
            }
        }
    }
}
