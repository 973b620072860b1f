//! Permission in the handler's type: `guard: Guard<SellEnergy>` admits only operators with that right.

use crate::auth::rights::{Right, RightName, Rights};
use crate::auth::token::Claims;
use crate::errors::Code;
use crate::http::edge::Request;
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use std::marker::PhantomData;
use std::ops::Deref;
use uuid::Uuid;

/// Who asks, for which organisation: the context of every operation behind the log-in.
#[derive(Clone, Debug)]
pub struct Op {
    /// The organisation whose rows are in reach. Goes into every call of the store.
    pub org: Uuid,
    /// The operator.
    pub operator: Uuid,
    /// The operator's log-in (the family of refresh tokens).
    pub session: Uuid,
    /// What the operator may do.
    pub rights: Rights,
    /// Request id and language.
    pub request: Request,
}

impl Op {
    /// For checks that depend on the content of a request.
    ///
    /// # Errors
    /// `auth.forbidden`, with the right in `params.right`.
    pub fn must(&self, right: RightName) -> Result<(), Problem> {
        if self.rights.has(right) {
            Ok(())
        } else {
            Err(Problem::new(Code::AuthForbidden).param("right", right.as_str()))
        }
    }
}

/// The context of an operator who has the right `R`. Derefs to [`Op`].
pub struct Guard<R: Right> {
    op: Op,
    right: PhantomData<R>,
}

impl<R: Right> Guard<R> {
    /// The context alone.
    #[must_use]
    pub fn into_op(self) -> Op {
        self.op
    }
}

impl<R: Right> Deref for Guard<R> {
    type Target = Op;

    fn deref(&self) -> &Op {
        &self.op
    }
}

impl<R: Right> FromRequest for Guard<R> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Guard<R>, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let claims = bearer(req);
        let request = Request::of(req);
        let app = req.app_data::<App>().cloned();
        Box::pin(async move {
            let app = app.ok_or_else(|| Problem::internal("the application's state is missing"))?;
            let claims = claims?;
            let rights = app.operators.rights(&app, &claims).await?;
            let op = Op { org: claims.org, operator: claims.sub, session: claims.sid, rights, request };
            if let Some(right) = R::NAME {
                op.must(right)?;
            }
            Ok(Guard { op, right: PhantomData })
        })
    }
}

/// The claims of the `Authorization: Bearer` header.
fn bearer(req: &HttpRequest) -> Result<Claims, Problem> {
    let app = req.app_data::<App>().ok_or_else(|| Problem::internal("the application's state is missing"))?;
    let value = req.headers().get(header::AUTHORIZATION).ok_or(Code::AuthRequired)?;
    let text = value.to_str().map_err(|_| Problem::new(Code::AuthRequired))?;
    let (scheme, token) = text.split_once(' ').ok_or(Code::AuthRequired)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Code::AuthRequired.into());
    }
    app.seen_tokens.verify(&app.keys, token.trim(), app.clock.now())
}
