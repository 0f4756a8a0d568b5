//! What a person may do besides acting on cases: the one place where such permissions are decided.
//!
//! A permission belongs to functions, like every right in a pack, and a person has it where the function is held: in that
//! unit and below. System, security and audit administration are apart on purpose: whoever sets the system up does not hand
//! out rights, whoever hands out rights does not read the records of who did what, and who reads them changes nothing.

use calendar::Moment;
use regulation::{Actor, Id, Organisation};

use crate::app::App;
use crate::http::Problem;
use crate::organisation::separation::only_administers;
use crate::session::Caller;

/// Sets the installation up: units, packs, hours, gateways, imports.
const SYSTEM: &str = "system_admin";
/// People, functions, tokens.
const SECURITY: &str = "security_admin";
/// Reads who did what.
const AUDIT: &str = "audit_admin";

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $key:literal, $zh:literal, $en:literal, [$($holder:expr),+ $(,)?];)+) => {
        /// A permission.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Permission { $($(#[$doc])* $name,)+ }

        impl Permission {
            /// Every permission.
            pub const ALL: &'static [Permission] = &[$(Permission::$name),+];

            /// The word that programs use.
            pub fn key(self) -> &'static str {
                match self { $(Permission::$name => $key,)+ }
            }

            /// What it allows, in Chinese and in English.
            pub fn words(self) -> (&'static str, &'static str) {
                match self { $(Permission::$name => ($zh, $en),)+ }
            }

            /// The functions that have it.
            pub fn holders(self) -> &'static [&'static str] {
                match self { $(Permission::$name => &[$($holder),+],)+ }
            }
        }
    };
}

permissions! {
    /// Make, rename and move units; set their calendars and holidays.
    ManageUnits = "manage_units", "维护部门与日历", "maintain units and calendars", [SYSTEM];
    /// Put a pack version in force, move running cases.
    ManagePacks = "manage_packs", "启用规程", "put regulations in force", [SYSTEM, "service_lead"];
    /// Close a month of the clause report that was not closed by itself.
    CloseMonths = "close_months", "月度结账", "close a month of the report", ["service_lead"];
    /// Gateways, masking, backups: what the installation is set to.
    ManageSettings = "manage_settings", "系统设置", "set the installation up", [SYSTEM];
    /// Bring in and take back customers, staff, cases.
    ImportData = "import_data", "导入数据", "import data", [SYSTEM, "service_lead"];
    /// See messages that wait or failed, send them again.
    ManageOutbox = "manage_outbox", "处理待发消息", "look after the outbox", [SYSTEM, "service_lead"];
    /// Make people, change and end them.
    ManageStaff = "manage_staff", "维护人员", "maintain staff", [SECURITY];
    /// Hand out and take back functions.
    GrantFunctions = "grant_functions", "授予职能", "grant functions", [SECURITY];
    /// Access tokens and web hooks for programs.
    ManageTokens = "manage_tokens", "管理接口令牌", "manage access tokens", [SECURITY];
    /// Sessions of others, lock-outs.
    ManageSessions = "manage_sessions", "管理登录", "manage log-ins", [SECURITY];
    /// Read who did what, log-ins and accesses.
    ReadAudit = "read_audit", "查看审计记录", "read audit records", [AUDIT, "auditor"];
    /// See a customer's numbers in full, with a reason, logged.
    UnmaskCustomers = "unmask_customers", "查看完整号码", "see numbers in full",
        ["agent", "team_leader", "duty_lead", "duty_manager", "service_lead", "complaint_agent", "call_back_agent"];
    /// Change customer records.
    EditCustomers = "edit_customers", "维护客户资料", "maintain customer records",
        ["agent", "team_leader", "duty_lead", "duty_manager", "service_lead", "complaint_agent", "call_back_agent"];
    /// See customers whom no case or registration brings within reach.
    SeeAllCustomers = "see_all_customers", "查看全部客户", "see all customers", ["service_lead"];
    /// Keep the phone book of outside bodies.
    EditPhoneBook = "edit_phone_book", "维护外部单位电话", "keep the phone book of outside bodies", ["team_leader", "duty_manager", "service_lead"];
    /// Merge two customer records into one.
    MergeCustomers = "merge_customers", "合并客户", "merge customers", ["team_leader", "duty_lead", "duty_manager", "service_lead"];
    /// Show, export and erase one person's data on request.
    AnswerDataRequests = "answer_data_requests", "办理个人信息请求", "answer requests about personal data", ["service_lead"];
    /// Find customers by the tail of a number.
    SearchNumbers = "search_numbers", "按尾号查找", "search by the end of a number",
        ["agent", "team_leader", "duty_lead", "duty_manager", "service_lead", "complaint_agent", "call_back_agent"];
    /// Export lists of cases and customers.
    ExportData = "export_data", "导出数据", "export data", ["team_leader", "duty_manager", "service_lead", "department_head", "auditor"];
    /// Hand over everything a leaver had.
    HandOverWork = "hand_over_work", "移交离岗人员工作", "hand over a leaver's work", [SECURITY, "service_lead", "department_head"];
}

impl Permission {
    /// The units in whose subtree the actor has it: where a function that carries it is held.
    pub fn units(self, actor: &Actor) -> impl Iterator<Item = Id> {
        let holders = self.holders();
        actor
            .holdings
            .iter()
            .filter(move |holding| holders.contains(&holding.function.as_str()))
            .map(|holding| holding.unit)
    }

    /// Whether the actor has it anywhere.
    pub fn anywhere(self, actor: &Actor) -> bool {
        self.units(actor).next().is_some()
    }

    /// Whether the actor has it over this unit.
    pub fn over(self, actor: &Actor, organisation: &dyn Organisation, unit: Id) -> bool {
        self.units(actor).any(|above| organisation.within(unit, above))
    }
}

/// Routes that show or change customers' data as such. Cases are not among them: who has no sight of them finds none.
const CUSTOMERS_DATA: [&str; 5] = [
    "/api/customers",
    "/api/contacts",
    "/api/search",
    "/api/candidates",
    "/api/call-backs",
];

/// Whether a route is about customers' data.
pub fn is_about_customers(path: &str) -> bool {
    CUSTOMERS_DATA.iter().any(|known| {
        path.strip_prefix(known)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// What keeps administrations out of customers' data (GEN-11): whoever holds nothing else is refused, told why, and given no
/// list that happens to be empty.
pub fn keep_apart(actor: &Actor, path: &str) -> Result<(), Problem> {
    let functions = actor.holdings.iter().map(|holding| holding.function.as_str());
    if !is_about_customers(path) || !only_administers(functions) {
        return Ok(());
    }
    Err(Problem::forbidden(
        "系统管理员、安全管理员和审计管理员不接触客户资料。需要时请由有客服职能的人办理。",
        "System, security and audit administrators have no access to customers' data. Ask someone with a service function.",
    ))
}

impl Caller {
    /// Refuses who has a permission nowhere.
    pub fn need(&self, app: &App, permission: Permission) -> Result<(), Problem> {
        if permission.anywhere(&self.actor) {
            return Ok(());
        }
        Err(refused(app, permission))
    }

    /// Refuses who does not have a permission over this unit.
    pub fn need_over(&self, app: &App, permission: Permission, unit: Id) -> Result<(), Problem> {
        let picture = app.centre.surroundings().picture;
        if permission.over(&self.actor, picture.as_ref(), unit) {
            return Ok(());
        }
        Err(refused(app, permission))
    }

    /// The moment of the request.
    pub fn now(&self, app: &App) -> Moment {
        Moment::from_millis(app.centre.store.now())
    }
}

/// Says what is missing, and which functions have it.
fn refused(app: &App, permission: Permission) -> Problem {
    let packs = app.centre.surroundings().packs;
    let titles = |zh: bool| {
        let titles: Vec<String> = permission
            .holders()
            .iter()
            .map(|function| match packs.function(function) {
                Some(known) if zh => known.title.zh.clone(),
                Some(known) => known.title.en.clone(),
                None => (*function).to_owned(),
            })
            .collect();
        titles.join(if zh { "、" } else { ", " })
    };
    let (zh, en) = permission.words();
    Problem::forbidden(
        format!("您没有“{zh}”的权限。担任以下职能的人可以办理：{}。", titles(true)),
        format!("You may not {en}. Those who may hold: {}.", titles(false)),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use regulation::Holding;

    use super::*;

    #[test]
    fn every_permission_has_its_own_word() {
        let words: HashSet<_> = Permission::ALL.iter().map(|one| one.key()).collect();
        assert_eq!(words.len(), Permission::ALL.len());
    }

    #[test]
    fn gen_11_only_routes_about_customers_are_closed_to_who_only_administers() {
        let of = |functions: &[&str]| Actor {
            person: Some(Id(1)),
            holdings: functions
                .iter()
                .map(|function| Holding {
                    function: (*function).to_owned(),
                    unit: Id(2),
                    on_behalf_of: None,
                })
                .collect(),
            certificates: Vec::new(),
        };
        for path in [
            "/api/customers",
            "/api/customers/{id}/unmask",
            "/api/search",
            "/api/candidates",
        ] {
            for function in [SYSTEM, SECURITY, AUDIT] {
                assert!(keep_apart(&of(&[function]), path).is_err(), "{function} {path}");
                assert!(
                    keep_apart(&of(&[function, "agent"]), path).is_ok(),
                    "{function} {path}"
                );
            }
            // Who holds nothing finds nothing, as everywhere.
            assert!(keep_apart(&of(&[]), path).is_ok(), "{path}");
        }
        for path in ["/api/cases", "/api/people", "/api/customersx", ""] {
            assert!(keep_apart(&of(&[SYSTEM]), path).is_ok(), "{path}");
        }
    }

    #[test]
    fn the_three_administrators_share_no_permission() {
        for permission in Permission::ALL {
            let held = [SYSTEM, SECURITY, AUDIT]
                .iter()
                .filter(|function| permission.holders().contains(function))
                .count();
            assert!(held <= 1, "{permission:?} belongs to {held} administrators");
        }
    }
}
