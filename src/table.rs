//! The kit's own table: every operation, over one object-safe call.
//!
//! Handlers for the simulation are written against [`Table`], or against a port of
//! their own that is implemented on top of it, as the reference handler's is in
//! [`ReferencePort`].

mod reference_port;

pub use reference_port::ReferencePort;

use std::future::Future;
use std::pin::Pin;

use redeliver_model::event::Text;
use redeliver_model::table::{Change, Condition, Effect, Item, Key, Operation, Reply, Write};

/// A future on the heap.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A table that carries out one call after another.
pub trait Table: Send + Sync {
    /// Makes a call, and waits for its reply.
    fn call(&self, operation: Operation) -> Boxed<'_, Reply>;
}

/// The operations by name.
impl dyn Table + '_ {
    /// `GetItem`, with `ConsistentRead`.
    pub fn get(&self, key: &Key) -> Boxed<'_, Reply> {
        let (key, consistent) = (key.clone(), true);
        self.call(Operation::Read { key, consistent })
    }

    /// `GetItem`, as it is by default: eventually consistent.
    pub fn get_eventually(&self, key: &Key) -> Boxed<'_, Reply> {
        let (key, consistent) = (key.clone(), false);
        self.call(Operation::Read { key, consistent })
    }

    /// `PutItem`, with `ALL_OLD` on a failed condition.
    pub fn put(&self, key: &Key, item: Item, condition: Condition) -> Boxed<'_, Reply> {
        let key = key.clone();
        self.write(Write::Put {
            key,
            item,
            condition,
        })
    }

    /// `UpdateItem`, with `ALL_OLD` on a failed condition.
    pub fn update(
        &self,
        key: &Key,
        changes: impl Into<Vec<Change>>,
        condition: Condition,
    ) -> Boxed<'_, Reply> {
        let (key, changes) = (key.clone(), changes.into());
        self.write(Write::Update {
            key,
            changes,
            condition,
        })
    }

    /// `DeleteItem`, with `ALL_OLD` on a failed condition.
    pub fn delete(&self, key: &Key, condition: Condition) -> Boxed<'_, Reply> {
        let key = key.clone();
        self.write(Write::Delete { key, condition })
    }

    /// `TransactWriteItems`, with a `ClientRequestToken` if one is given.
    pub fn transact(&self, writes: impl Into<Vec<Write>>, token: Option<Text>) -> Boxed<'_, Reply> {
        let writes = writes.into();
        self.call(Operation::Transact { writes, token })
    }

    /// `BatchWriteItem`.
    pub fn batch(&self, writes: impl Into<Vec<Write>>) -> Boxed<'_, Reply> {
        let writes = writes.into();
        self.call(Operation::Batch { writes })
    }

    /// Something that is done for the event with the row `of`, beyond the table: an
    /// email, a charge, a message.
    pub fn effect(&self, of: &Key, token: Option<Text>, content: Text) -> Boxed<'_, Reply> {
        let of = of.clone();
        self.call(Operation::Effect(Effect { of, token, content }))
    }

    fn write(&self, write: Write) -> Boxed<'_, Reply> {
        let return_item = true;
        self.call(Operation::Write { write, return_item })
    }
}
