//! The same data as a text that a person reads. Pure.

use std::fmt::Write;

use super::gather::PersonalData;

fn lines(out: &mut String, title: &str, items: &[String]) {
    if !items.is_empty() {
        let _ = writeln!(out, "{title}：{}", items.join("；"));
    }
}

fn line(out: &mut String, title: &str, text: &str) {
    if !text.is_empty() {
        let _ = writeln!(out, "{title}：{text}");
    }
}

/// All of it, in Chinese, section by section.
pub fn text(data: &PersonalData) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "个人信息副本\n截至：{}\n客户编号：{}\n",
        data.as_of, data.customer
    );
    for record in &data.records {
        let _ = writeln!(out, "【客户资料】{}", record.id);
        line(&mut out, "姓名", &record.name);
        lines(&mut out, "号码", &record.numbers);
        lines(&mut out, "房产", &record.places);
        lines(&mut out, "标签", &record.tags);
        line(&mut out, "需求", &record.needs);
        line(&mut out, "偏好", &record.preferences);
        lines(&mut out, "购买与服务", &record.services);
        line(&mut out, "备注", &record.notes);
        line(
            &mut out,
            "登记时间",
            record.registered_at.as_deref().unwrap_or(""),
        );
        out.push('\n');
    }
    for contact in &data.contacts {
        let _ = writeln!(
            out,
            "【来访】{} {} {}",
            contact.at, contact.channel, contact.number
        );
        line(&mut out, "内容", &contact.summary);
        line(&mut out, "答复", &contact.answer);
    }
    for case in &data.cases {
        let _ = writeln!(out, "【事项】{} 来访{}", case.number, case.received_at);
        line(&mut out, "办结", case.ended_at.as_deref().unwrap_or("未办结"));
        line(&mut out, "保存至", case.retained_until.as_deref().unwrap_or(""));
        if let Some(fields) = case.fields.as_object() {
            for (key, value) in fields {
                let said = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                line(&mut out, key, &said);
            }
        }
    }
    for file in &data.files {
        let _ = writeln!(out, "【附件】{} {} {}字节", file.name, file.kind, file.size);
    }
    for look in &data.looks {
        let _ = writeln!(
            out,
            "【查阅】{} {} 理由：{}",
            look.at, look.person_name, look.reason
        );
    }
    if data.cases_elsewhere > 0 {
        let _ = writeln!(
            out,
            "\n另有{}个事项由其他部门保存，请向其索取。",
            data.cases_elsewhere
        );
    }
    out
}
