use serde_json::json;
use system_tests::Centre;

/// Whatever names another branch's case or person answers as if it were not there.
#[test]
fn objects_of_another_branch_are_not_there() {
    let centre = super::centre();
    let mut ann = centre.log_in("ann");
    let case = Centre::open(&mut ann, "路灯不亮");
    let act = json!({ "input": { "note": "看看" } });

    // An agent of another branch, and the administrators, who see no case at all.
    for login in ["wu", "sys", "sec", "aud"] {
        let mut client = centre.log_in(login);
        for path in [
            format!("/api/cases/{case}"),
            format!("/api/cases/{case}/proof"),
            format!("/api/rights/explain?case={case}&action=note"),
        ] {
            client.get(&path).expect(404);
        }
        for path in [
            format!("/api/cases/{case}/actions/note"),
            format!("/api/cases/{case}/actions/note/dry-run"),
        ] {
            client.post(&path, &act).expect(404);
        }
        for path in ["/api/cases", "/api/queue?tab=mine"] {
            let text = client.get(path).expect(200).text;
            assert!(
                !text.contains(&case) && !text.contains("路灯不亮"),
                "{login} {path}: {text}"
            );
        }
    }
    // Customers' data as such is closed to who only administers, not merely empty.
    for login in ["sys", "sec", "aud"] {
        let mut client = centre.log_in(login);
        for path in [
            "/api/customers",
            "/api/customers?q=2207",
            "/api/customers/1",
            "/api/contacts",
            "/api/search?q=%E8%B7%AF%E7%81%AF",
            "/api/candidates",
            "/api/call-backs",
        ] {
            let answer = client.get(path);
            assert_eq!(answer.status, 403, "{login} {path}: {}", answer.text);
        }
        client
            .post("/api/customers", &json!({ "name": "沈立群" }))
            .expect(403);
    }
    // An auditor reads and writes nothing, not even a note.
    let mut auditor = centre.log_in("reva");
    auditor.get(&format!("/api/cases/{case}")).expect(200);
    auditor
        .post(&format!("/api/cases/{case}/actions/note"), &act)
        .expect(403);
    // A security administrator of one branch has no hand in another's people.
    let mut branch = centre.log_in("wsec");
    let (ann_id, desk) = (centre.person("ann"), centre.unit("desk"));
    branch.get(&format!("/api/people/{ann_id}")).expect(404);
    branch.get(&format!("/api/sessions?person={ann_id}")).expect(404);
    branch
        .post(&format!("/api/people/{ann_id}/password-link"), &json!({}))
        .expect(404);
    branch
        .delete(&format!("/api/people/{ann_id}/sessions"))
        .expect(404);
    branch
        .post(&format!("/api/people/{ann_id}/deactivate"), &json!({ "seen": 1 }))
        .expect(404);
    // Not even over their own, in a unit that is not theirs.
    let wu = centre.person("wu");
    branch
        .post(
            &format!("/api/people/{wu}/functions"),
            &json!({ "function": "agent", "unit": desk, "seen": 1 }),
        )
        .expect(404);
    // And somebody else's session is not ended by its number.
    let mut sec = centre.log_in("sec");
    let sessions = sec
        .get(&format!("/api/sessions?person={ann_id}"))
        .expect(200)
        .json();
    let session = sessions[0]["id"].as_str().unwrap();
    centre
        .log_in("bo")
        .delete(&format!("/api/sessions/{session}"))
        .expect(404);
    ann.get(&format!("/api/cases/{case}")).expect(200);
}
