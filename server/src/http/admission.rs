//! The admission queue: so many changing requests in work or waiting, and no more.
//!
//! Waiting in front of a database that is behind helps nobody: what comes on top is turned away at once with
//! 503 and `Retry-After`, and the client sends the same request (same client id) again.

use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};
use std::cell::RefCell;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places.
#[derive(Clone, Debug)]
pub struct Admission {
    places: Arc<Semaphore>,
    retry_after_s: u32,
}

impl Admission {
    /// `places` requests at once.
    #[must_use]
    pub fn new(places: usize, retry_after_s: u32) -> Admission {
        Admission { places: Arc::new(Semaphore::new(places)), retry_after_s }
    }

    /// A place, or the problem to answer with.
    ///
    /// # Errors
    /// `server.overloaded` when all places are taken.
    pub fn enter(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| Problem::new(Code::Overloaded).retry_after(self.retry_after_s))
    }
}

/// The place that this request holds. An extractor, for handlers that wait for something other than the
/// database (a card, a clerk): they give the place back before they wait.
#[derive(Clone, Default)]
pub struct Place(Rc<RefCell<Option<OwnedSemaphorePermit>>>);

impl Place {
    /// Gives the place back.
    pub fn release(&self) {
        self.0.borrow_mut().take();
    }
}

impl FromRequest for Place {
    type Error = Infallible;
    type Future = Ready<Result<Place, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(req.extensions().get::<Place>().cloned().unwrap_or_default()))
    }
}

/// The middleware: a place for every request that changes something.
///
/// # Errors
/// `server.overloaded`.
pub async fn layer<B: MessageBody + 'static>(req: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    if req.method().is_safe() {
        return next.call(req).await;
    }
    let Some(app) = req.app_data::<App>().cloned() else {
        return Err(Problem::internal("the application's state is missing").into());
    };
    let place = Place(Rc::new(RefCell::new(Some(app.admission.enter()?))));
    req.extensions_mut().insert(place.clone());
    let answer = next.call(req).await;
    place.release();
    answer
}
