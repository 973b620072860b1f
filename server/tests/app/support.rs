//! A server per test: database of its own, data folder of its own, the drivers shared.

use actix_web::body::{BoxBody, to_bytes};
use actix_web::cookie::Cookie;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};
use actix_web::test::{self, TestRequest};
use chrono::{DateTime, TimeDelta, Utc};
use dianka_plugin_host::package::Policy;
use dianka_plugin_host::{DriversDir, Registry, RegistryOptions, WallLimits};
use dianka_server::auth::rights::RightName;
use dianka_server::config::Config;
use dianka_server::keys::Keys;
use dianka_server::{App, Clock, http, start};
use dianka_store::testing::TestDb;
use dianka_store::{self as store, Operator};
use serde_json::{Value, json};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use tempfile::TempDir;
use uuid::Uuid;

/// The password of every operator in the tests.
pub const PASSWORD: &str = "correct horse 电卡";
/// The name of the refresh cookie.
pub const COOKIE: &str = "__Host-dianka-refresh";

type Calling = Pin<Box<dyn Future<Output = ServiceResponse<BoxBody>>>>;
type Call = Box<dyn Fn(TestRequest) -> Calling>;

/// The drivers as `./dev` built them. Shared: compiling them once is enough.
static DRIVERS: LazyLock<Registry> = LazyLock::new(|| {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled-drivers");
    let registry = Registry::open(RegistryOptions {
        drivers_dirs: vec![DriversDir { path: drivers_dir(), built_in: true }],
        cache_dir: cache,
        cache_secret: Some(vec![7; 32]),
        plugc_path: plugc(),
        policy: Policy::default(),
        kit_path: None,
        wall: WallLimits::default(),
    })
    .unwrap();
    assert!(!registry.meters().is_empty(), "no drivers in {}: run `./dev build` first", drivers_dir().display());
    registry
});

fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned()
}

/// Where `./dev` puts the built drivers.
pub fn drivers_dir() -> PathBuf {
    std::env::var_os("DIANKA_DRIVERS_DIR").map_or_else(|| target().join("drivers"), PathBuf::from)
}

/// Where `./dev` puts the compiler of drivers.
pub fn plugc() -> PathBuf {
    std::env::var_os("DIANKA_PLUGC").map_or_else(|| target().join("debug/dianka-plugc"), PathBuf::from)
}

/// A server under test.
pub struct Server {
    pub app: App,
    pub db: TestDb,
    pub data: TempDir,
    seconds: Arc<AtomicI64>,
    call: Call,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub cookies: Vec<Cookie<'static>>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {} {text}", self.status))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The body, after making sure of the status.
    #[track_caller]
    pub fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// The problem, after making sure of status, code and media type.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let body = self.ok(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body["status"], status);
        assert_eq!(body["type"], format!("urn:dianka:problem:{code}"));
        assert_eq!(body["request_id"], self.header("x-request-id"));
        body
    }

    /// The refresh token that the answer set.
    pub fn refresh_token(&self) -> Option<String> {
        self.cookies.iter().find(|c| c.name() == COOKIE).map(|c| c.value().to_owned())
    }
}

impl Server {
    pub async fn start() -> Server {
        Server::start_with(|_| ()).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Server {
        let db = TestDb::new().await.unwrap();
        let data = tempfile::tempdir().unwrap();
        let mut config = Config::embedded().unwrap();
        config.data.dir = data.path().to_owned();
        // The cost of the real hash is tested by itself; here it would only be waited for.
        (config.auth.hash_memory_kib, config.auth.hash_passes) = (64, 1);
        change(&mut config);
        let seconds = Arc::new(AtomicI64::new(0));
        let (base, shift): (DateTime<Utc>, _) = ("2026-11-22T04:00:00Z".parse().unwrap(), Arc::clone(&seconds));
        let clock = Clock::from_fn(move || base + TimeDelta::seconds(shift.load(Ordering::Relaxed)));
        let registry = tokio::task::spawn_blocking(|| DRIVERS.clone()).await.unwrap();
        let keys = Keys::from_bytes([1; 32], [2; 32]);
        let state = start::assemble(config, db.store.clone(), registry, keys, clock).await.unwrap();
        let app = App::new(state);
        let service = Rc::new(test::init_service(http::app(app.clone())).await);
        let call: Call = Box::new(move |request: TestRequest| {
            let service = Rc::clone(&service);
            Box::pin(async move { service.call(request.to_request()).await.unwrap() })
        });
        Server { app, db, data, seconds, call }
    }

    /// Lets time pass.
    pub fn wait(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    pub async fn send(&self, request: TestRequest) -> Answer {
        let answer = (self.call)(request).await;
        let cookies = answer.response().cookies().map(|c| c.into_owned()).collect();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = to_bytes(answer.into_body()).await.unwrap().to_vec();
        Answer { status, headers, cookies, body }
    }

    pub async fn request(&self, method: Method, path: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
        let mut request = TestRequest::default().method(method).uri(&format!("/api/v1{path}"));
        if let Some(token) = token {
            request = request.insert_header(("authorization", format!("Bearer {token}")));
        }
        if let Some(body) = body {
            request = request.set_json(body);
        }
        self.send(request).await
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.request(Method::GET, path, Some(token), None).await
    }

    pub async fn post(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.request(Method::POST, path, Some(token), Some(body)).await
    }

    /// A POST without a log-in.
    pub async fn post_open(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::POST, path, None, Some(body)).await
    }

    /// A POST with the refresh cookie.
    pub async fn with_cookie(&self, path: &str, refresh: &str) -> Answer {
        let request =
            TestRequest::post().uri(&format!("/api/v1{path}")).cookie(Cookie::new(COOKIE, refresh.to_owned()));
        self.send(request).await
    }

    /// The organisation of the learning mode.
    pub async fn org(&self) -> Uuid {
        self.app.store.org_ids().await.unwrap()[0]
    }

    /// An operator with these rights, made behind the interface.
    pub async fn operator(&self, org: Uuid, login: &str, rights: &[RightName]) -> Operator {
        let operator = Operator {
            operator_id: Uuid::now_v7(),
            login: login.to_owned(),
            name: format!("{login} 姓名"),
            role: "test".to_owned(),
            rights: rights.iter().map(|right| right.as_str().to_owned()).collect(),
            password_hash: self.app.passwords.hash(PASSWORD).await.unwrap(),
            active: true,
        };
        let made = operator.clone();
        self.app.store.tx(org, "test_operator", async |s| store::operator_create(s, &made).await).await.unwrap();
        operator
    }

    pub async fn login(&self, login: &str, password: &str) -> Answer {
        self.post_open("/login", &json!({ "login": login, "password": password })).await
    }

    /// An access token of a new operator with these rights.
    pub async fn token(&self, rights: &[RightName]) -> String {
        let login = format!("op{}", Uuid::now_v7().simple());
        self.operator(self.org().await, &login, rights).await;
        let answer = self.login(&login, PASSWORD).await;
        answer.ok(200)["access_token"].as_str().unwrap().to_owned()
    }

    /// An access token with all rights.
    pub async fn admin(&self) -> String {
        self.token(RightName::ALL).await
    }

    /// The first entry of a list.
    pub async fn first(&self, token: &str, path: &str) -> Value {
        self.get(token, path).await.ok(200)["items"][0].clone()
    }
}
