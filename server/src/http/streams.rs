//! Answers that last: server-sent events and the stations' WebSockets. They are not compressed, since compression would
//! hold an event back until its block is full; and they end when the server stops, which would wait for them otherwise.

use crate::state::App;
use actix_web::Error;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentEncoding, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use futures_util::future::LocalBoxFuture;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::watch;

/// The middleware.
///
/// # Errors
/// Those of the handler.
pub async fn layer<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let stopping = req.app_data::<App>().map(|app| app.stopping.subscribe());
    let mut answer = next.call(req).await?.map_into_boxed_body();
    let kind = answer.headers().get(header::CONTENT_TYPE);
    let events = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    if events {
        let plain = HeaderValue::from_static(ContentEncoding::Identity.as_str());
        answer.headers_mut().insert(header::CONTENT_ENCODING, plain);
    }
    match stopping {
        Some(stopping) if events || answer.status() == StatusCode::SWITCHING_PROTOCOLS => {
            Ok(answer.map_body(|_, body| BoxBody::new(UntilStop { body, stop: Box::pin(stopped(stopping)) })))
        }
        _ => Ok(answer),
    }
}

async fn stopped(mut stopping: watch::Receiver<bool>) {
    // The sender lives as long as the application: when it is gone, so is the server.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// A body that ends early when the server stops.
struct UntilStop {
    body: BoxBody,
    stop: LocalBoxFuture<'static, ()>,
}

impl MessageBody for UntilStop {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.stop.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        Pin::new(&mut self.body).poll_next(cx)
    }
}
