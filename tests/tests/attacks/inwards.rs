use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::json;
use system_tests::{Backend, Centre, PASSWORD, Starter};

const PATIENCE: Duration = Duration::from_secs(60);

/// A setting that names an address sends nothing into the house, in whatever clothing the address comes.
#[test]
fn nothing_is_sent_into_the_house() {
    let place = Starter::new(Backend::Sqlite).unwrap();
    Centre::furnish(&place);
    let words = [
        "user",
        "add",
        "sec",
        "--name",
        "安全员",
        "--function",
        "security_admin@centre",
    ];
    place.run_with(&words, PASSWORD).expect_success();
    // A gateway or robot that the configuration names there is refused at the start.
    let configure = |text: &str| std::fs::write(place.folder().join("shouwen.toml"), text).unwrap();
    for url in [
        "https://10.0.0.7/hook",
        "http://127.0.0.1/hook",
        "https://169.254.169.254/hook",
    ] {
        configure(&format!(
            "[robots.late]\nkind = \"wecom\"\nurl = \"{url}\"\ntells = [\"overdue\"]\n"
        ));
        let refused = place.run(&["serve", "--listen", "127.0.0.1:0"]).expect_failure();
        assert!(refused.stderr.contains("robots"), "{}", refused.stderr);
    }
    configure("[outbox]\nhold_seconds = 0\n");
    let centre = Centre {
        server: place.start(),
    };
    let mut sec = centre.log_in("sec");
    let unit = centre.unit("centre");
    let hook = |url: &str| json!({ "name": "外部", "url": url, "kinds": ["opened"], "unit": unit });
    for url in [
        "https://127.0.0.1/hook",
        "https://localhost/hook",
        "https://[::1]/hook",
        "https://[::ffff:127.0.0.1]/hook",
        "https://[fd00::1]/hook",
        "https://10.0.0.7/hook",
        "https://172.16.0.1/hook",
        "https://192.168.1.1/hook",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.100.100.200/latest/meta-data/",
        "http://example.com/hook",
        "https://user:secret@example.com/hook",
        "file:///etc/passwd",
        "gopher://example.com/",
    ] {
        let answer = sec.post("/api/webhooks", &hook(url));
        assert_eq!(answer.status, 422, "{url}: {}", answer.text);
        assert_eq!(answer.json()["problems"][0]["field"], "url", "{url}");
    }
    // What is no address as it stands but becomes one when it is looked up: refused when it is sent, nothing is connected.
    let inside = TcpListener::bind("127.0.0.1:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let port = inside.local_addr().unwrap().port();
    for host in ["2130706433", "0x7f000001", "127.1"] {
        let made = sec.post("/api/webhooks", &hook(&format!("https://{host}:{port}/hook")));
        assert!(matches!(made.status, 201 | 422), "{host}: {}", made.text);
    }
    let kept = centre.server.place().number("SELECT COUNT(*) FROM webhooks");
    Centre::open(&mut centre.log_in("ann"), "路灯");
    let given_up = "SELECT COUNT(*) FROM outbox WHERE channel = 'webhook' AND attempts > 0";
    let begun = Instant::now();
    while centre.server.place().number(given_up) < kept {
        assert!(begun.elapsed() < PATIENCE, "{}", centre.server.log());
        std::thread::park_timeout(Duration::from_millis(50));
    }
    let sent = "SELECT COUNT(*) FROM outbox WHERE channel = 'webhook' AND state = 'sent'";
    assert_eq!(centre.server.place().number(sent), 0);
    assert!(inside.accept().is_err(), "somebody connected");
}
