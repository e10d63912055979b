use redeliver_model::delivery::{
    Deliveries, Ending, Form, InvocationId, Notification, Positions, Queue, Route, Standing,
};

use crate::support::upload;

const QUEUE: Queue = Queue {
    receives: 2,
    partial_batches: true,
};

fn notification(route: Route, deliveries: &[Form]) -> Notification {
    Notification {
        route,
        deliveries: deliveries.to_vec(),
        records: vec![upload("a", "1"), upload("b", "1"), upload("c", "1")],
    }
}

fn positions(positions: &[usize]) -> Positions {
    Positions::first(32).filter(|place| positions.contains(&place))
}

#[test]
fn positions_are_kept_in_order() {
    let all = Positions::first(3);
    assert_eq!(all.iter().collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!((all.count(), all.is_empty()), (3, false));
    let none = Positions::first(0);
    assert_eq!((none.count(), none.is_empty()), (0, true));
    let most = Positions::first(32);
    assert_eq!(most.iter().last(), Some(31));
    assert_eq!(most.count(), 32);
}

#[test]
fn a_filter_counts_by_the_place_among_what_is_left() {
    let outer = positions(&[1, 4, 7]);
    assert_eq!(outer.iter().collect::<Vec<_>>(), [1, 4, 7]);
    let last_two = outer.filter(|place| place > 0);
    assert_eq!(last_two.iter().collect::<Vec<_>>(), [4, 7]);
}

#[test]
fn routes_have_their_attempts_and_delays() {
    let own = [Route::Direct, Route::EventBridge, Route::Sns];
    for route in own {
        assert_eq!(route.queue(), None);
        assert_eq!(route.attempts(), 3);
        assert_eq!([route.delay_after(1), route.delay_after(2)], [60, 120]);
    }
    for route in [Route::Sqs(QUEUE), Route::SqsOfSns(QUEUE)] {
        assert_eq!(route.queue(), Some(QUEUE));
        assert_eq!(route.attempts(), 2);
        assert_eq!([route.delay_after(1), route.delay_after(2)], [180, 180]);
    }
}

#[test]
fn an_invocation_is_spoken_of_by_its_attempt_and_delivery() {
    let id = InvocationId {
        delivery: 1,
        attempt: 3,
    };
    assert_eq!(id.to_string(), "attempt 3 of delivery 2");
}

#[test]
fn a_delivery_that_fails_comes_again_until_its_attempts_are_used_up() {
    let notifications = [notification(Route::Direct, &[Form::Original])];
    let mut deliveries = Deliveries::new(&notifications);
    assert_eq!(deliveries.standing(0), Standing::Due(0));
    for (attempt, now, standing) in [
        (1, 5, Standing::Due(65)),
        (2, 100, Standing::Due(220)),
        (3, 300, Standing::Dead),
    ] {
        let (id, from) = deliveries.start(0);
        assert_eq!((id.delivery, id.attempt), (0, attempt));
        assert!(from <= now);
        assert_eq!(deliveries.standing(0), Standing::Running);
        assert_eq!(deliveries.attempts(0), attempt);
        deliveries.end(id, Ending::Failed, now);
        assert_eq!(deliveries.standing(0), standing);
    }
    assert_eq!(deliveries.remaining(0), Positions::first(3));
}

#[test]
fn an_acknowledged_delivery_has_nothing_left_to_deliver() {
    let notifications = [notification(Route::Direct, &[Form::Original])];
    let mut deliveries = Deliveries::new(&notifications);
    let (id, _) = deliveries.start(0);
    deliveries.end(id, Ending::Acknowledged, 0);
    assert_eq!(deliveries.standing(0), Standing::Acknowledged);
    assert!(deliveries.remaining(0).is_empty());
}

#[test]
fn of_a_queues_batch_only_what_was_named_comes_again() {
    let notifications = [notification(Route::Sqs(QUEUE), &[Form::Original])];
    let mut deliveries = Deliveries::new(&notifications);
    let (first, _) = deliveries.start(0);
    deliveries.end(first, Ending::FailedPartly(positions(&[1, 2])), 10);
    assert_eq!(deliveries.standing(0), Standing::Due(190));
    assert_eq!(deliveries.remaining(0), positions(&[1, 2]));
    let (second, from) = deliveries.start(0);
    assert_eq!((second.attempt, from), (2, 190));
    deliveries.end(second, Ending::FailedPartly(positions(&[2])), 190);
    assert_eq!(deliveries.standing(0), Standing::Dead);
    assert_eq!(deliveries.remaining(0), positions(&[2]));
}

#[test]
fn a_batch_of_which_nothing_was_named_is_acknowledged() {
    let notifications = [notification(Route::Sqs(QUEUE), &[Form::Original])];
    let mut deliveries = Deliveries::new(&notifications);
    let (id, _) = deliveries.start(0);
    deliveries.end(id, Ending::FailedPartly(positions(&[])), 10);
    assert_eq!(deliveries.standing(0), Standing::Acknowledged);
}

#[test]
fn deliveries_are_counted_through_the_notifications() {
    let (original, revised) = (Form::Original, Form::Revised);
    let notifications = [
        notification(Route::Direct, &[original, revised]),
        notification(Route::Sns, &[revised]),
    ];
    let deliveries = Deliveries::new(&notifications);
    assert_eq!(deliveries.count(), 3);
    let numbers: Vec<_> = (0..3)
        .map(|it| deliveries.notification_number(it))
        .collect();
    assert_eq!(numbers, [0, 0, 1]);
    let forms: Vec<_> = (0..3).map(|it| deliveries.form(it)).collect();
    assert_eq!(forms, [original, revised, revised]);
    assert_eq!(deliveries.notification(2).route, Route::Sns);
}

fn due(deliveries: &Deliveries<'_>, deadline: u64) -> Vec<usize> {
    deliveries.due(deadline).collect()
}

#[test]
fn of_untouched_deliveries_that_nothing_tells_apart_the_first_stands_for_all() {
    let (original, revised) = (Form::Original, Form::Revised);
    let notifications = [
        notification(Route::Direct, &[original, original, revised, original]),
        notification(Route::Direct, &[original]),
    ];
    let mut deliveries = Deliveries::new(&notifications);
    assert_eq!(due(&deliveries, 0), [0, 2, 4]);
    let (id, _) = deliveries.start(0);
    assert_eq!(due(&deliveries, 0), [1, 2, 4]);
    deliveries.end(id, Ending::Failed, 0);
    assert_eq!(due(&deliveries, 0), [1, 2, 4]);
    assert_eq!(due(&deliveries, 59), [1, 2, 4]);
    assert_eq!(due(&deliveries, 60), [0, 1, 2, 4]);
    // One that has come before is told apart from those that have not.
    let (id, _) = deliveries.start(1);
    deliveries.end(id, Ending::Failed, 0);
    assert_eq!(due(&deliveries, 60), [0, 1, 2, 3, 4]);
}

#[test]
#[should_panic(expected = "delivery 0 is not due")]
fn what_is_under_way_is_not_due() {
    let notifications = [notification(Route::Direct, &[Form::Original])];
    let mut deliveries = Deliveries::new(&notifications);
    deliveries.start(0);
    deliveries.start(0);
}
