//! What the invented customers bring: matters with their topic and the department concerned.

/// A matter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Matter {
    /// The procedure that suits it.
    pub kind: &'static str,
    /// Topic in the intake form.
    pub topic: &'static str,
    /// Key of the department concerned.
    pub unit: &'static str,
    /// In the customer's words.
    pub text: &'static str,
}

macro_rules! matters {
    ($($kind:literal { $($topic:literal $unit:literal $text:literal)* })*) => {
        &[$($(Matter { kind: $kind, topic: $topic, unit: $unit, text: $text }),*),*]
    };
}

/// All matters.
pub(super) const MATTERS: &[Matter] = matters! {
    "complaint" {
        "lift" "engineering" "电梯运行时异响、抖动，上周报修后仍未见好转"
        "lift" "engineering" "早高峰两部电梯只开一部，等了近二十分钟，孩子上学迟到"
        "lift" "engineering" "电梯停在两层之间，被困十五分钟，按对讲无人应答"
        "lift" "engineering" "轿厢内空调不制冷，通风口积灰严重，老人乘梯后感到头晕"
        "water" "engineering" "停水没有提前通知，下班回家无水可用"
        "water" "engineering" "厨房主下水道返水，污水漫到客厅，木地板已经起鼓，要求明确赔偿办法"
        "water" "engineering" "二次供水水压不足，高层热水器打不着火"
        "water" "engineering" "自来水有铁锈味，要求出示水箱清洗和水质检测记录"
        "power" "engineering" "楼道灯坏了十多天，夜间回家看不清台阶，老人险些摔倒"
        "power" "engineering" "本栋反复跳闸，冰箱里的食品变质，问了三次都说在查"
        "power" "engineering" "地下车库照明白天全开、夜里全灭，与公示的节能方案不符"
        "cleaning" "environment" "楼道三天没有打扫，垃圾桶满溢，气味很大"
        "cleaning" "environment" "保洁拖地后没有放置防滑提示牌，住户滑倒扭伤脚踝"
        "cleaning" "environment" "垃圾分类站清运不及时，苍蝇多，一楼住户无法开窗"
        "cleaning" "environment" "外墙清洗时污水滴进阳台，晾晒的被褥全部弄脏"
        "greening" "environment" "打药除虫没有公示，宠物误食后送医"
        "greening" "environment" "楼前大树遮挡采光，多次反映修剪没有结果"
        "greening" "environment" "草坪浇灌在早高峰喷到人行道，上班的人都被淋湿"
        "security" "order" "快递员可以随意进出单元门，门禁形同虚设"
        "security" "order" "夜间巡逻没有按公示路线，车库连续两晚发生划车"
        "security" "order" "监控说坏了无法调取，电动车电瓶被盗没有人负责"
        "security" "order" "访客未登记就放行，陌生人上门推销到晚上九点"
        "parking" "order" "固定车位长期被外来车辆占用，门岗不予处理"
        "parking" "order" "道闸误抬杆砸到车顶，要求赔偿并书面说明原因"
        "parking" "order" "充电桩车位被燃油车占满，标线和提示都不起作用"
        "parking" "finance" "月租车辆仍被重复收取临停费，退费拖了两个星期"
        "noise" "order" "楼上装修违反午休时间，电钻声持续三天，物业只打了一次电话"
        "noise" "order" "广场活动音响晚上十点仍未停止，影响孩子学习"
        "noise" "engineering" "水泵房低频噪声夜里特别明显，卧室无法入睡"
        "noise" "outside" "小区外工地夜间施工，希望物业帮助联系主管部门"
        "attitude" "service" "前台接电话语气生硬，问题没有说完就挂断"
        "attitude" "order" "门岗保安与住户争吵并推搡，态度恶劣"
        "attitude" "engineering" "上门师傅没有穿鞋套，弄脏地面后扬长而去"
        "attitude" "finance" "收费窗口提前十分钟停办，人还在排队就拉下卷帘"
        "fees" "finance" "物业费账单与上月标准不一致，没有任何说明"
        "fees" "finance" "公共能耗分摊没有明细，同户型相差一倍"
        "fees" "finance" "装修押金满三个月仍未退还，每次都说财务在走流程"
        "fees" "finance" "预存的热水费余额对不上，要求逐笔核对并出具对账单"
        "outside" "outside" "燃气抄表员迟迟不上门，希望协助联系燃气公司"
        "outside" "outside" "有线电视信号中断两天，热线一直占线，请帮忙转达"
        "outside" "outside" "小区门口路灯不亮，属于市政管理，希望代为反映"
        "outside" "outside" "暖气温度不达标，供热单位与物业互相推诿"
        "other" "service" "儿童游乐区秋千链条断裂，没有设置围挡，孩子手臂被划伤，家属要求承担医药费并尽快更换设施"
        "other" "service" "会所泳池水温与公示不符，换水记录也看不到"
        "other" "hr" "公示栏张贴的人员照片与实际在岗人员不符"
        "other" "service" "去年十一月起我家阳台上方的公共雨水管就开始渗漏，当时登记过，师傅来看了一次说要等材料，之后再没有消息；今年雨季墙面大面积发霉，衣柜里的衣物也受了潮，家里老人有哮喘，实在无法再等，请给出明确的维修时间、责任人和赔偿意见"
    }
    "enquiry" {
        "other" "service" "装修申请需要准备哪些材料，多久能批下来"
        "fees" "finance" "物业费可以按季度交吗，能否开具电子发票"
        "parking" "order" "第二辆车如何办理月租，是否需要排号"
        "other" "service" "会所羽毛球场的预约时间和收费标准"
        "security" "order" "门禁卡丢失补办要带什么证件"
        "other" "hr" "社区志愿者报名的条件是什么"
        "water" "engineering" "水表过户怎么办理"
        "power" "engineering" "家里想装充电桩，电力增容由谁申请"
        "fees" "finance" "退租以后押金多少天可以到账"
        "other" "service" "下周停电检修具体是哪几栋"
        "greening" "environment" "一楼花园可以自己种菜吗"
        "other" "service" "快递柜超时费由谁收取"
    }
    "repair" {
        "water" "engineering" "卫生间天花板滴水，疑似楼上防水破损"
        "water" "engineering" "厨房水龙头关不紧，一晚上流掉一桶水"
        "power" "engineering" "客厅插座打火，不敢使用"
        "power" "engineering" "楼道感应灯常亮不灭"
        "lift" "engineering" "十二层电梯按钮失灵，按了没有反应"
        "other" "engineering" "单元门闭门器损坏，关门声音很大"
        "other" "engineering" "可视对讲无图像，访客呼叫听不到"
        "other" "engineering" "阳台推拉窗滑轮脱落，刮风时晃动"
        "parking" "engineering" "车库道闸识别不了新能源车牌"
        "water" "engineering" "地漏堵塞，洗澡时积水漫过门槛"
        "other" "engineering" "楼顶排烟道松动，大风天有异响"
        "other" "environment" "一楼大堂地砖空鼓开裂，容易绊倒"
    }
    "suggestion" {
        "parking" "order" "建议在地下车库增加车位引导屏"
        "cleaning" "environment" "建议垃圾站增设洗手池和照明"
        "security" "order" "建议夜间十一点后开启静音门铃提醒"
        "greening" "environment" "建议中心花园增加老人休息座椅"
        "other" "service" "建议公众号增加报修进度查询"
        "lift" "engineering" "建议电梯维保日提前一天在群里通知"
        "other" "hr" "建议为高温天气户外作业的师傅准备凉茶"
    }
    "praise" {
        "other" "service" "客服小姑娘耐心帮老人查询社保网点，全程陪同，特来感谢"
        "security" "order" "门岗师傅雨夜帮忙推抛锚的车，没有留下姓名"
        "other" "engineering" "水管爆裂后师傅十分钟赶到，忙到凌晨，送锦旗一面"
        "cleaning" "environment" "保洁阿姨拾到钱包主动交还，现金和证件一样不少"
        "security" "order" "巡逻队员及时发现厨房起火并协助扑灭"
    }
    "help" {
        "other" "order" "老人独自在家电话无人接听，请上门查看"
        "other" "service" "孩子把钥匙反锁在屋里，灶上还开着火"
        "other" "engineering" "宠物猫卡在空调外机位，请帮忙救助"
        "security" "order" "发现陌生人尾随进入单元门，请派人查看"
        "other" "service" "家人突发疾病，请协助引导救护车进小区"
        "water" "engineering" "楼上漏水联系不到业主，请协助关闭总阀"
    }
    "look_up" {
        "fees" "finance" "查询上半年物业费缴纳记录"
        "fees" "finance" "查询公共收益分配明细"
        "other" "service" "查询上个月报修单的处理进度"
    }
    "visit" {
        "other" "service" "业主来访，商量楼顶防水大修的征求意见办法"
        "noise" "order" "来访反映餐饮店油烟和噪声问题"
        "other" "service" "租户来访，办理入住登记并了解各项制度"
    }
    "business_request" {
        "other" "service" "申请办理装修出入证六张"
        "parking" "order" "申请地下车位过户"
        "other" "service" "申请会所多功能厅举办亲子活动"
    }
    "report_of_wrongdoing" {
        "other" "order" "举报邻居在楼道堆放易燃杂物，占用消防通道"
        "other" "engineering" "举报某户装修拆除承重墙"
    }
    "technical_enquiry" {
        "power" "engineering" "智能电表的峰谷时段如何设置"
        "other" "engineering" "新风系统滤网型号和更换周期"
    }
    "internal_service_request" {
        "other" "hr" "人事行政部申请更换会议室投影灯泡"
        "power" "finance" "财务部申请检修机房空调"
        "other" "environment" "环境部申请调配一辆电动清运车"
    }
    "complaint_slip" {
        "cleaning" "environment" "来电投诉：大堂地面积水无人清理，老人差点滑倒"
        "lift" "engineering" "来电投诉：货梯被装修公司长时间占用"
        "parking" "order" "来电投诉：车库出口拥堵半小时无人疏导"
        "attitude" "service" "来电投诉：昨天的客服答应回电却没有回"
    }
    "maker" {
        "other" "production" "新买的空气净化器开机半小时后自动断电，更换滤芯仍无改善"
        "other" "production" "电热水壶壶嘴漏水，同批次三台均有此现象"
        "other" "technology" "除湿机显示屏乱码，维修两次后再次出现"
        "other" "production" "电风扇底座开裂，运转时明显偏摆，担心伤到孩子"
        "other" "technology" "加湿器漏电保护误动作，说明书也没有解释"
        "other" "sales" "经销商发来的型号与合同不符，包装有二次封口痕迹"
        "other" "production" "空气炸锅涂层脱落，送检报告要求说明材质"
    }
};

/// Where in the estate, with the time of it: set before a matter so that no two read alike.
pub(super) const WHEN: &[&str] = &[
    "今早",
    "昨晚",
    "这两天",
    "周末",
    "刚才",
    "连续一周",
    "上周五",
    "本月以来",
    "中午",
    "凌晨",
];

/// What is written into a field of this key; `None` for keys that need no words of their own.
pub(super) fn words(key: &str) -> Option<&'static [&'static str]> {
    Some(match key {
        "response" => &[
            "您好，您反映的情况已登记，将尽快安排处理。",
            "已电话联系客户，告知办理流程和预计时间。",
            "已在线回复客户，请其补充照片。",
        ],
        "facts_found" => &[
            "经核对记录与现场，客户所述属实，本部门未按服务标准执行。",
            "查阅巡检表和监控，情况与客户反映基本一致。",
            "现场核对后未发现违反服务标准的情形，已作记录。",
            "责任不在本方，涉及外部单位，客户希望协助。",
        ],
        "site_opinion" => &[
            "工程与秩序人员到场查看，确认问题存在，原因为设备老化。",
            "到场各方一致认为属公共部位，由本方修复。",
            "现场查看未见异常，已请客户确认并拍照留存。",
        ],
        "appointment_note" | "on_site_people" => &["工程主管、客服代表、客户本人", "秩序部班长、客服代表"],
        "statement" => &[
            "承认未按时处理，原因是当日人手调配不当，愿向客户致歉。",
            "陈述：已按计划作业，但未提前公示，造成客户不便。",
            "陈述：设备配件到货延误，未及时向客户说明进度。",
            "陈述：与客户沟通时语气急躁，已认识到不妥。",
        ],
        "stated_by" => &["当班人员", "部门主管", "维修班长", "门岗队员"],
        "plan" => &[
            "两小时内安排人员到场处理，当日完成并拍照回传；次日复查一次。",
            "更换损坏部件，清理现场，并在单元群内公示处理经过。",
            "由部门负责人上门致歉，核对费用后当场退还差额。",
            "调整班次，增加早晚高峰值守，连续跟踪一周。",
            "联系维保单位加派技师，备件到货前设临时措施。",
            "改用替代方案：临时接驳供应，夜间施工，第二天恢复原状。",
        ],
        "result" => &[
            "已处理完毕，现场恢复正常，客户查看后无异议。",
            "已更换部件并试运行两小时，未再出现故障。",
            "费用差额已退还，并向客户出具说明。",
            "已整改并纳入日巡检，责任人已作批评教育。",
            "已按方案完成，客户当面确认。",
        ],
        "reply" => &[
            "您反映的问题已处理完毕，给您带来不便，深表歉意；后续如有问题请随时联系我们。",
            "感谢您的反映，情况已核实并整改，我们会持续跟踪。",
            "已为您办妥，相关说明已发送给您，谢谢您的理解。",
            "感谢您的宝贵意见，我们已转达并落实。",
        ],
        "department_feedback" => &[
            "已按期完成，请客服中心答复客户。",
            "处理完毕，附现场照片，建议一周后回访。",
        ],
        "new_opinion" => &[
            "客户表示处理不彻底，第二天又出现同样的问题。",
            "客户认为只是口头道歉，没有具体措施。",
            "客户要求书面答复并说明责任人。",
        ],
        "opinion" => &[
            "客户反映修好半天又坏了，要求重新处理。",
            "客户认为现场没有清理干净。",
        ],
        "no_call_back_note" => &[
            "客户表示问题已解决，不必再打扰。",
            "客户匿名反映，未留下联系方式。",
        ],
        "liability_cause" => &["制度执行不到位，现场监督缺失。", "培训不足，当班人员处置不当。"],
        "liability_share" => &[
            "工程部承担主要责任，当班人员承担次要责任。",
            "秩序部负全部责任，班长负管理责任。",
        ],
        "liability_decision" => &["扣减当月绩效，部门内通报。", "约谈负责人，限期整改。"],
        "liability_measure" => &["修订作业指引，每周抽查两次。", "组织全员培训并考核。"],
        "none_because" => &["属设备自然老化，已尽到维护义务。", "处置及时得当，客户已谅解。"],
        "step" => &[
            "已联系责任单位，对方答应两日内派人查看。",
            "已向客户说明责任归属，客户表示理解，继续跟进。",
            "责任方已上门，双方约定处理办法。",
            "再次电话跟进，责任方已完成处理。",
        ],
        "contacted" => &["供电抢修班", "市政养护单位", "装修业主", "燃气公司客服"],
        "passed_up_because" => &[
            "涉及赔偿金额，超出本部门权限。",
            "客户要求公司出面答复，影响较大。",
        ],
        "beyond_reason" => &["涉及费用减免，超出客服权限。", "客户要求公司负责人答复。"],
        "escalation" => &["请上级确定赔偿办法并答复客户。", "请协调多部门会商后给出意见。"],
        "change" => &[
            "配件到货推迟一天，已与客户说明。",
            "原经办人休假，改由同组人员继续办理。",
        ],
        "note" => &[
            "客户上午不便接听，请下午两点后联系。",
            "已与工程部核对，材料明日到货。",
            "客户补发了现场照片，已存档。",
        ],
        "urging" => &[
            "客户来电询问进度，希望今天能有答复。",
            "客户第二次来电，语气较急。",
        ],
        "supervision_reason" => &["涉及多户，影响面大。", "客户多次反映，须盯办到底。"],
        "unsupervision_reason" => &["已按要求完成，转入正常跟踪。"],
        "pause_note" => &["客户出差，约定返回后再上门。", "等待客户补交发票与照片。"],
        "second_line_matter" => &["历史缴费数据有差异，请二线核对。", "涉及两份合同的条款解释。"],
        "problem" => &["同类问题本月第四次出现，建议检查巡检制度。"],
        "inquiry" => &["任务超过期限两天没有进展，请说明原因。"],
        "inquiry_answer" => &["因备件缺货耽误，已加急采购，明日完成。"],
        "hand_over_reason" => &["本人明日起休假，移交同组同事跟进。"],
        "void_reason" => &["误登记，客户实为咨询，已另行登记。", "同一来电重复登记。"],
        "question" => &[
            "客户问公共收益如何分配到户，需要核实。",
            "客户问旧楼加装电梯的申请条件。",
            "客户问车位产权年限。",
        ],
        "verified_answer" => &[
            "经与财务部核实，每年三月公示并抵扣物业费。",
            "须经本单元业主表决并向主管部门申请，我方协助提供资料。",
            "以车位合同约定为准，可到服务中心查阅原件。",
        ],
        "why_grave" => &["可能危及人身安全，须立即处置。"],
        "task_matter" | "improve_matter" | "call_back_matter" => &[
            "到场检查并修复，完成后拍照回传。",
            "核对记录，写出书面说明。",
            "安排人员清理现场并设置警示。",
        ],
        "authority" => &["街道办事处", "示例区住房管理局", "示例集团总部"],
        "answer_form" => &["书面答复并附照片", "系统回复"],
        "addressee" => &["街道办事处信访科", "住房管理局物业科"],
        "sent_to" => &["已按要求书面送达交办单位"],
        "agreed_with" | "reply_move_agreed_with" => &["客户本人（电话同意）", "客户家属（微信确认）"],
        "screening_note" => &[
            "根据客户描述与照片判断，须由品管部复检。",
            "属于使用问题，服务部可自行解决。",
            "非本公司产品，已向顾客解释。",
        ],
        "cause_analysis" => &[
            "抽检发现温控器批次不良。",
            "注塑件壁厚不足，应力集中。",
            "接插件压接不牢，运输振动后松脱。",
        ],
        "cause" => &["来料检验抽样不足。", "模具磨损超限仍在使用。"],
        "corrective_measure" => &["更换整批温控器，召回同批次库存复检。", "修复模具，隔离在制品。"],
        "preventive_measure" => &["提高来料抽检比例，增加老化试验。", "模具按次数强制保养。"],
        "department_opinion" => &["同意判定，由本部门负责整改。"],
        "review_note" => &["会审一致认为属来料问题，由生产部牵头整改。"],
        "traced_facts" => &["追溯到八月第二批，共一百二十台，已全部锁定。"],
        "effect_service" => &["回访二十户，未再出现同类问题。"],
        "effect_quality" => &["复检合格，连续三批无不良。"],
        "customer_confirmation" => &["顾客书面确认满意。", "顾客电话确认，录音已存。"],
        "product" => &["KJ-500", "SH-1800", "CS-20E", "FS-40"],
        "request_kind" => &["出入证", "过户", "场地"],
        "change_reason" => &["因材料到货推迟"],
        "classes_summary" => {
            &["责任投诉占六成，无责任投诉二成半，其余为协助处理；以电梯、保洁、停车三类居多。"]
        }
        "numbers_summary" => &["当月受理投诉与建议合计较上月略有下降，重复投诉减少。"],
        "handling_summary" => &["均已转办并答复，超时件已逐件说明原因。"],
        "call_back_summary" => &["应回访件全部回访，谢绝回访的另行列明。"],
        "causes" => &["高峰期人手不足；部分设备老化；公示通知不及时。"],
        "corrections" => &["调整班次；更换老化部件；所有停水停电提前二十四小时公示。"],
        "suggestions_summary" => &["建议集中在停车引导与报修进度查询，已转有关部门。"],
        "statistics" => &["当月各渠道受理、办结、回访数量详见附表，首次响应达标率较上月提高。"],
        "analysis" => &["投诉集中在周一上午和晚间，拟增加值守。"],
        "findings" => &["对服务态度评价较高，对维修及时性意见较多。"],
        "goals" => &["阶段目标：回访率百分之百；进展正常。"],
        "main_factors" => &["同类问题反复发生，源于巡检流于形式。"],
        "remedies" => &["制定专项巡检表，每周由业务管理岗抽查。"],
        "check_standard" => &["抽查合格率不低于百分之九十五。"],
        "penalty_facts" => &["经调取监控，确有言语冲撞。"],
        "penalty" => &["书面检讨并扣减当月绩效。"],
        "review_reason" | "grave_reason" => &["同类不良再次出现，涉及安全。"],
        "passed_because" => &["服务部试修未果，须品管部分析。"],
        "why_not_effective" => &["回访仍有两户出现同样现象。"],
        "reason_none_possible" => &["客户未留联系方式，无法答复。", "多次拨打均无法接通。"],
        "unsigned_reason" => &["客户不在现场，电话确认。", "客户委托邻居开门，未签字。"],
        "outside_body_note" => &["市政热线"],
        _ => return None,
    })
}

/// For keys that nobody has thought of.
pub(super) const ANY_WORDS: &[&str] = &[
    "已按规程办理，情况如实记录。",
    "已与有关人员核对，按约定执行。",
    "详见所附记录。",
];

/// Words for an objection to a signature, and for the answer to a question.
pub(super) const OBJECTIONS: &[&str] = &[
    "方案过于笼统，请写明完成时间和责任人。",
    "赔偿依据不足，请补充。",
    "措施治标不治本，请重拟。",
];

/// Words for the answer yes and no.
pub(super) const ANSWERS: (&[&str], &[&str]) = (
    &["经核实情况属实，同意。", "多户反映，影响较大，予以确认。"],
    &[
        "经查已有明显改善，暂不升级，继续观察。",
        "当日系统故障，属客观原因，不追究。",
    ],
);

/// Family names and given names of customers.
pub(super) const FAMILY: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何",
    "郭", "马", "罗", "梁", "宋", "郑", "谢",
];
/// Given names.
pub(super) const GIVEN: &[&str] = &[
    "晓明", "丽华", "建国", "秀英", "子涵", "雨桐", "志强", "美玲", "浩然", "欣怡", "国庆", "文静", "海燕",
    "俊杰", "淑芬", "一鸣", "思远", "若曦", "大为", "春梅", "立新", "佳宁", "永福", "慧敏",
];
