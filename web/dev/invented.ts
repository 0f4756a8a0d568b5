/**
 * Invented answers for working on the screens without a server: `npm run dev` without SHOUWEN_API. Never built in.
 * It follows the HTTP contract's shapes, keeps its cases in memory and knows no regulation.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Plugin } from 'vite'
import type { CaseLine, CaseView, ClauseRow, ClauseTag, Clock, Field, Input, Offer, Trial } from '../src/api/types'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const iso = (ms: number) => new Date(ms).toISOString()

const tag = (number: string, title: string): ClauseTag => ({ pack: 'complaints', id: number.replaceAll('.', '_'), number, title })
const clauses = {
  start: tag('4.2.1', '十分钟内启动并传递责任部门'),
  result: tag('4.2.2', '投诉处理结果'),
  callBack: tag('4.3.1', '处理后两个工作日内回访'),
  changed: tag('4.3.2', '再次处理须换方案'),
  intake: tag('4.1.1', '填写客户建议受理单'),
  classify: tag('4.1.2', '定性'),
  major: tag('4.2.3', '重大投诉的处理结果须经总经理批准'),
  collective: tag('4.1.3', '集体投诉'),
}
const texts: Record<string, string> = {
  '4.2.1': '受理人员应在受理后十分钟内启动处理程序，并将信息传递至责任部门；责任部门应当指定经办人。',
  '4.2.2': '一般投诉自信息传递责任部门之时起二小时内、重大投诉二个工作日内，应有处理结果。',
  '4.3.1': '投诉处理完毕后二个工作日内，应当回访客户，征求客户对处理结果的意见，并填写回访记录。',
}

const options = (...titles: string[]) => titles.map((title, at) => ({ key: `o${at}`, title }))
const field = (key: string, title: string, kind: string, required = 'yes', more: Partial<Field> = {}): Field => ({
  ...{ key, title, kind, required, conditional: false, future: false, read_back: false, personal: false, longest: 1000 },
  ...more,
})
const grades = ['很满意', '比较满意', '基本满意', '不太满意', '不满意'].map((title, at) => ({ key: `g${at + 1}`, title }))

const forms: Record<string, Field[]> = {
  intake: [
    field('place', '反映地点', 'place', 'yes', { read_back: true }),
    field('matter', '类别', 'choice', 'yes', { options: options('设备设施', '环境卫生', '秩序维护', '收费', '服务态度', '装修管理', '其他') }),
    field('detail', '反映内容', 'text', 'yes', { longest: 500 }),
    field('wish', '客户诉求', 'line', 'no'),
    field('phone', '联系电话', 'phone', 'yes', { read_back: true, personal: true }),
    field('promised', '约定回复', 'time', 'no', { future: true }),
    field('signs', '有以下情形吗', 'choices', 'no', { options: options('人身伤害', '重大经济损失', '政府受理', '媒体曝光') }),
    field('loss', '损失金额', 'money', 'conditional', { conditional: true }),
    field('witnesses', '在场人员', 'rows', 'no', { rows: [field('name', '姓名', 'line'), field('phone', '电话', 'phone', 'no')] }),
    field('signature', '客户签名', 'signature', 'no'),
  ],
  classify: [
    field('class', '定性', 'choice', 'yes', { options: [{ key: 'liable', title: '责任投诉' }, { key: 'not_liable', title: '无责任投诉' }, { key: 'assist', title: '协助处理' }] }),
    field('grade', '等级', 'choice', 'conditional', { conditional: true, options: [{ key: 'general', title: '一般' }, { key: 'major', title: '重大' }] }),
    field('department', '责任部门', 'unit', 'conditional', { conditional: true }),
  ],
  propose: [field('plan', '处理方案', 'text'), field('result', '处理结果', 'text', 'yes', { help: '写明做了什么、谁做的、什么时候做完。' })],
  reply: [field('reply', '答复内容', 'text', 'yes', { or: 'none_possible' }), field('none_possible', '无法答复的原因', 'line', 'no')],
  call_back: [
    field('outcome', '回访情况', 'choice', 'yes', { options: [{ key: 'answered', title: '已接通' }, { key: 'no_answer', title: '未接通' }, { key: 'refused', title: '不接受回访' }] }),
    ...['服务态度', '处理速度', '处理效果', '沟通答复', '总体评价'].map((title, at) => field(`q${at}`, title, 'choice', 'conditional', { conditional: true, options: grades })),
    field('words', '客户原话', 'text', 'no'),
  ],
}

const subjects = [
  '地下车库B2积水，两辆车被泡', '厨房上水管爆裂，水漫到客厅', '装修押金满三个月未退', '3栋2单元2号电梯反复掉层、停运，报修后无人回复',
  '快递柜夜间报警声扰民', '门禁卡失效两天未补办', '次卧飘窗渗水，墙皮脱落', '商街餐饮油烟直排6栋窗口，多次反映至今没有任何部门给过书面答复，老人夜间无法开窗，要求查明责任并承诺整改期限',
  '5号楼消防通道被杂物堵死', '大堂门禁失灵，陌生人尾随',
]
const people = ['陈雨桐', '李大勇', '孙志强', '赵敏', '郭建平']
const customers = ['王秀兰', '何俊', '林桂芳', '周文彬', '邓凯', '黄丽', '欧阳若曦与业主委员会筹备组']
const units = ['工程部', '环境部', '秩序部', '财务部', '客服部']
const stages = [
  ['received', '已受理'], ['assigned', '已派责任部门'], ['handling', '处理中'], ['proposed', '结果待答复'], ['settled', '已处理'], ['closed', '已办结'],
] as const

const cases = new Map<string, CaseView>()
let made = 0

const clock = (deadline: string, title: string, clause: ClauseTag, limit: string, more: Partial<Clock>): Clock => ({
  no: null, deadline, title, clause, limit, state: 'pending', started_at: null, due_at: null, ended_at: null, origin: 'pack', round: 1, provisional: false, ...more,
})
const offer = (action: string, title: string, clause: ClauseTag | null, fields: Field[], more: Partial<Offer> = {}): Offer => ({
  action, title, clause, fields, state: fields.length ? 'needs_input' : 'possible', ends: false, right: false, primary: false, refusal: null, ...more,
})

function offersAt(stage: string): Offer[] {
  const closing = offer('close', '结案', clauses.callBack, [], {
    ends: true, state: 'refused', refusal: { why: 'clause', say: '没有处理结果和客户回复，不得结案。', could: [], clause: clauses.changed },
  })
  const always = [offer('urge', '登记催办', null, [field('words', '客户说', 'text', 'no')]), offer('hand_over', '转办', null, [field('unit', '转给部门', 'unit'), field('why', '原因', 'line')]), offer('raise', '提请升级重大', clauses.major, [field('why', '依据', 'text')]), offer('supervise', '督办', null, [])]
  const first: Record<string, Offer[]> = {
    received: [offer('classify', '定性并派发', clauses.classify, forms.classify ?? [], { primary: true })],
    assigned: [offer('take', '接单', clauses.start, [], { primary: true })],
    handling: [offer('propose', '提出处理结果', clauses.result, forms.propose ?? [], { primary: true })],
    proposed: [offer('reply', '答复客户', clauses.result, forms.reply ?? [], { primary: true })],
    settled: [offer('call_back', '回访', clauses.callBack, forms.call_back ?? [], { primary: true, ends: true })],
    closed: [],
  }
  const locked = stage === 'received' ? [offer('propose', '提出处理结果', clauses.result, forms.propose ?? [], { state: 'refused', refusal: { why: 'forbidden', say: '您不能做这个动作。', could: ['工程部部门负责人', '值班班长'] } })] : []
  return stage === 'closed' ? [] : [...(first[stage] ?? []), ...always, ...locked, ...(stage === 'settled' ? [] : [closing])]
}

function invent(at: number, pack = 'complaints'): CaseView {
  const now = Date.now()
  made += 1
  const stageAt = at % stages.length
  const [stage, stageTitle] = stages[stageAt] ?? stages[0]
  const left = [-12 * MINUTE - 40_000, 70_000, 16 * MINUTE, 77 * MINUTE, 108 * MINUTE, 26 * HOUR, 3 * DAY, 5 * HOUR][at % 8] ?? HOUR
  const received = now - 2 * HOUR - (at % 9) * 5 * HOUR
  const done = (limit: number, took: number, late = false): Partial<Clock> => ({ no: 1, state: late ? 'kept_late' : 'kept', started_at: iso(received), due_at: iso(received + limit), ended_at: iso(received + took), took_ms: took, late_ms: late ? took - limit : null })
  const open = (from: number): Partial<Clock> => ({ no: 2, state: left < 0 ? 'overdue' : 'running', started_at: iso(now - from), due_at: iso(now + left), origin: 'pack' })
  const clocks = [
    clock('start', '启动传递', clauses.start, '10分钟', stageAt > 0 ? done(10 * MINUTE, 3 * MINUTE + 8000) : open(9 * MINUTE)),
    clock('take', '部门响应', clauses.start, '10分钟', stageAt > 1 ? done(10 * MINUTE, 14 * MINUTE + 5000, at % 3 === 0) : stageAt === 1 ? open(4 * MINUTE) : {}),
    clock('result', '处理结果', clauses.result, '2小时', stageAt > 3 ? done(2 * HOUR, HOUR + 12 * MINUTE) : stageAt > 1 ? open(43 * MINUTE) : {}),
    clock('survey', '现场核实', clauses.classify, '按约定', at % 4 === 1 ? { no: 5, state: 'paused', started_at: iso(received), reason: '等客户约时间' } : { no: 6, state: 'exempt', reason: '责任清楚' }),
    clock('call_back', '客户回访', clauses.callBack, '2个工作日', stageAt === 5 ? done(2 * DAY, DAY) : stageAt === 4 ? open(20 * HOUR) : {}),
  ].map((one, no) => (one.no ? { ...one, no: no + 1 } : one))
  const nearest = clocks.filter((one) => one.state === 'running' || one.state === 'overdue').sort((a, b) => (a.due_at ?? '').localeCompare(b.due_at ?? ''))[0] ?? null
  const person = (n: number) => people[(at + n) % people.length] ?? ''
  const customer = customers[at % customers.length] ?? ''
  const subject = subjects[at % subjects.length] ?? ''
  const view: CaseView = {
    id: String(9_000_000_000 + made), number: `TS20261123-${String(made).padStart(4, '0')}`, pack, procedure: 'complaint', procedure_title: '客户投诉', subject, stage, stage_title: stageTitle,
    ended_at: stage === 'closed' ? iso(now - DAY) : null, received_at: iso(received), channel: ['phone', 'chat', 'email', 'walk_in', 'web'][at % 5] ?? 'phone',
    unit: String(at % 5), unit_name: units[at % 5] ?? '', handler: null, handler_name: stageAt > 1 ? person(1) : null, first_contact_owner: '1', first_contact_owner_name: person(0),
    customer: String(at), customer_name: customer, supervised: at % 3 === 0, urged: at % 4 === 3 ? 2 : 0, round: at % 7 === 4 ? 2 : 1, version: 5,
    nearest: nearest && { ...nearest, started_at: nearest.started_at ?? '', due_at: nearest.due_at ?? '', soon_at: nearest.soon_at ?? nearest.due_at ?? '' }, track: clocks.map((one) => one.state), pack_version: '2026.2', opened_at: iso(received + 60_000), registrar_name: person(0), owning_unit_name: '客服部', parent: null,
    fields: [
      { key: 'place', title: '反映地点', kind: 'place', display: '澄园二期3栋2单元2号电梯', personal: false, on_form: true },
      { key: 'detail', title: '反映内容', kind: 'text', display: '昨晚8点左右，2号电梯从10楼掉到7楼；今早7点又停运，家里老人抱着孩子走了12层。\n要求说明原因，修好之前不要再开。', personal: false, on_form: true },
      { key: 'plan', title: '处理方案', kind: 'text', display: '更换抱闸闸瓦，停梯挂牌，完工后连续试运行24小时。', personal: false, on_form: true },
    ],
    clocks, past_clocks: at % 7 === 4 ? [clock('result', '处理结果', clauses.result, '2小时', { ...done(2 * HOUR, 3 * HOUR, true), no: 9 })] : [],
    timeline: [
      { seq: 1, at: iso(received), recorded_at: iso(received + 90_000), actor: { id: '1', name: person(0) }, kind: 'opened', sentence: `${person(0)}受理${customer}的投诉`, words: [{ key: 'detail', title: '反映内容', text: '昨晚从10楼掉到7楼，今早又停了，老人抱着孩子走12层。这周报修三回，没人给我回过话。' }], consequences: ['启动传递 开始计时'], clause: clauses.intake },
      { seq: 2, at: iso(received + 188_000), recorded_at: iso(received + 188_000), actor: { id: '1', name: person(0) }, kind: 'acted', sentence: `${person(0)}传递至${units[at % 5]}`, words: [], consequences: ['启动传递：按时'], clause: clauses.start },
      { seq: 3, at: iso(now - 30 * MINUTE), recorded_at: iso(now - 30 * MINUTE), actor: { id: '2', name: person(1) }, kind: 'acted', sentence: `${person(1)}接单`, words: [], consequences: [], clause: null },
      { seq: 4, at: iso(now - 5 * MINUTE), recorded_at: iso(now - 5 * MINUTE), actor: null, kind: 'deadline_reminder', sentence: '处理结果已用去四分之三时限，已提醒经办人', words: [], consequences: [], clause: clauses.result },
    ],
    offers: offersAt(stage),
    approvals: at % 5 === 2 ? [{ no: 1, approval: 'major_result', title: '重大投诉处理结果审批', clause: clauses.major, status: 'asked', steps: [{ need: 1, slots: [{ who: '部门负责人', person_name: '郭建平', signed_at: iso(now - HOUR), agreed: true }] }, { need: 1, slots: [{ who: '总经理', person_name: null, signed_at: null, agreed: null }] }], may_sign: true }] : [],
    questions: at % 4 === 3 ? [{ no: 1, title: '同楼栋7天内5位客户反映电梯，是否按集体投诉升为重大', clause: clauses.collective, raised_at: iso(now - HOUR), answer: null, may_answer: true, about_name: null }] : [],
    subcases: at % 4 === 3 ? [{ id: '9000000002', number: 'RW20261123-0007', title: '更换2号电梯抱闸', stage_title: '处理中', ended: false, gates: true }] : [],
    customer_card: { id: String(at), name: customer, phones: ['138****6021'], premises: '澄园二期3栋2单元1204', notes: '电话回复，18:00前', marks: [], cases: [] },
  }
  return view
}
for (let at = 0; at < 60; at += 1) {
  const view = invent(at)
  cases.set(view.id, view)
}

const row = (number: string, title: string, kept: number, late: number, open: number, more: Partial<ClauseRow> = {}): ClauseRow => ({
  clause: tag(number, title), text: texts[number] ?? `${title}，由责任部门按规定时限办理，并向客户说明结果。`, limit: null, kept, late, open, exempt: 0, lapsed: 0, refused: 0, once_late: late,
  rate: kept + late < 20 ? null : kept / (kept + late), carried_by: ['客户投诉'], kept_by_people: false, rules: ['CMP-5'], house: false, ...more,
})

const line = (view: CaseView): CaseLine => view
function act(view: CaseView, action: string, input: Input): CaseView {
  const next: Record<string, string> = { classify: 'assigned', take: 'handling', propose: 'proposed', reply: 'settled', call_back: input.outcome === 'no_answer' ? 'settled' : 'closed', close: 'closed' }
  const stage = next[action] ?? view.stage
  const title = view.offers.find((one) => one.action === action)?.title ?? action
  const changed: CaseView = {
    ...view, stage, stage_title: stages.find((one) => one[0] === stage)?.[1] ?? stage, version: view.version + 1, offers: offersAt(stage), ended_at: stage === 'closed' ? iso(Date.now()) : null,
    urged: action === 'urge' ? view.urged + 1 : view.urged, supervised: view.supervised || action === 'supervise',
    timeline: [...view.timeline, { seq: view.timeline.length + 1, at: iso(Date.now()), recorded_at: iso(Date.now()), actor: { id: '1', name: '陈雨桐' }, kind: 'acted', sentence: `陈雨桐${title}`, words: Object.entries(input).map(([key, value]) => ({ key, title: key, text: String(value) })), consequences: [], clause: null }],
  }
  cases.set(view.id, changed)
  return changed
}
function trial(fields: Field[], input: Input): Trial {
  const holds = (key: string) =>
    key === 'loss' ? Array.isArray(input.signs) && input.signs.includes('o1') : key.startsWith('q') ? input.outcome === 'answered' : input.class === 'liable'
  const asked = fields.filter((one) => !one.conditional || holds(one.key)).map((one) => one.key)
  const required = fields.filter((one) => asked.includes(one.key) && one.required !== 'no').map((one) => one.key)
  const problems = typeof input.phone === 'string' && input.phone && !/^[\d -]{7,}$/.test(input.phone) ? [{ field: 'phone', say: '电话号码只能有数字，至少7位。' }] : []
  const possible = !problems.length && required.every((key) => input[key])
  return { possible, problems, asked, required, refusal: null, clause: null, clocks: [{ deadline: 'start', title: '启动传递', clause: clauses.start, due_at: iso(Date.now() + 10 * MINUTE), limit: '10分钟' }], stage_after: possible ? '下一步' : null }
}

const session = { person: { id: '1', name: '陈雨桐', login: '1007' }, csrf: 'invented', language: 'zh', zone: 'Asia/Shanghai', owes: null, functions: [{ key: 'agent', title: '坐席', unit: '5', unit_name: '客服部' }, { key: 'duty_lead', title: '值班主管', unit: '5', unit_name: '客服部' }], demo: true }
let loggedIn = true

function refuse(response: ServerResponse, status: number, code: string, title: string, detail = '') {
  response.writeHead(status, { 'content-type': 'application/problem+json' })
  response.end(JSON.stringify({ type: 'about:blank', title, status, code, detail }))
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const part of request) text += String(part)
  return text ? (JSON.parse(text) as Record<string, unknown>) : {}
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const path = url.pathname.slice(4)
  const query = url.searchParams
  const send = (value: unknown, status = 200) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(value === undefined ? undefined : JSON.stringify(value))
  }
  const body = request.method === 'GET' ? {} : await bodyOf(request)
  const input = (body.input ?? {}) as Input
  if (path === '/live') {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(': invented\n\n')
    return
  }
  if (path === '/session') {
    if (request.method === 'DELETE') {
      loggedIn = false
      return send(undefined, 204)
    }
    if (request.method === 'POST') {
      if (body.password === 'wrong') return refuse(response, 401, 'unauthenticated', '密码不对，还可试3次。忘记密码请找班长重置。')
      loggedIn = true
    }
    return loggedIn ? send(session) : refuse(response, 401, 'unauthenticated', '请先登录。')
  }
  if (path === '/session/language') {
    session.language = String(body.language)
    return send(session)
  }
  const all = [...cases.values()]
  const page = (items: CaseView[], from = Number(query.get('after') ?? 0)) => ({ items: items.slice(from, from + 20).map(line), next: from + 20 < items.length ? String(from + 20) : null })
  const byDue = (items: CaseView[]) => items.sort((a, b) => (a.nearest?.due_at ?? '9').localeCompare(b.nearest?.due_at ?? '9'))
  if (path === '/queue') {
    const open = byDue(all.filter((one) => !one.ended_at))
    const tab = query.get('tab')
    const items = tab === 'done' ? all.filter((one) => one.ended_at) : tab === 'first_contact' ? [] : open.slice(0, 26)
    return send({ ...page(items), counts: { mine: 26, first_contact: 0, done: 10 } })
  }
  if (path === '/call-backs') return send(page(byDue(all.filter((one) => one.stage === 'settled'))))
  if (path === '/intakes')
    return send(['客户投诉', '报修', '咨询', '求助', '举报', '查询', '建议', '表扬', '业务申请', '技术咨询', '联系单', '部门任务'].map((title, at) => ({ pack: 'complaints', procedure: `p${at}`, title, clause: clauses.intake, customer: at !== 11 })))
  if (path.startsWith('/intakes/')) return send({ pack: 'complaints', procedure: path.split('/')[3], title: '客户投诉', form_title: '客户建议受理单', fields: forms.intake, clocks: [{ deadline: 'start', title: '启动传递', clause: clauses.start, limit: '10分钟' }] })
  if (path === '/cases/dry-run') return send(trial(forms.intake ?? [], input))
  if (path === '/cases' && request.method === 'POST') {
    const view = invent(made % 6 === 0 ? made : made + (6 - (made % 6)))
    cases.set(view.id, view)
    return send(view, 201)
  }
  if (path === '/cases') {
    const q = query.get('q') ?? ''
    const items = byDue(all.filter((one) => (query.get('open') === null || (query.get('open') === 'true') === !one.ended_at) && (one.subject.includes(q) || one.number.includes(q)) && (!query.get('unit') || one.unit === query.get('unit'))))
    return send(page(items))
  }
  const one = /^\/cases\/(\d+)(?:\/(actions|approvals|questions)\/(\w+)(\/dry-run)?)?$/.exec(path)
  if (one) {
    const view = cases.get(one[1] ?? '')
    if (!view) return refuse(response, 404, 'not_found', '没有找到这件事项。', '它可能不在您的范围内。')
    if (!one[2]) return send(view)
    if (one[2] === 'approvals') return send({ ...view, approvals: [] })
    if (one[2] === 'questions') return send({ ...view, questions: [] })
    const offered = view.offers.find((each) => each.action === one[3])
    if (one[4]) return send(trial(offered?.fields ?? [], input))
    if (JSON.stringify(input).includes('stale')) {
      response.writeHead(409, { 'content-type': 'application/problem+json' })
      response.end(JSON.stringify({ type: 'about:blank', title: '这件事项刚被别人改过。', status: 409, code: 'stale', by: { person: '2', name: '孙志强', did: '14:33已登记结果' } }))
      return
    }
    return send(act(view, one[3] ?? '', input))
  }
  if (path === '/units') return send(units.map((name, at) => ({ id: String(at), name, parent: null })))
  if (path === '/people') return send(people.map((name, at) => ({ id: String(at), name, unit_name: units[at], functions: ['agent'] })))
  if (path === '/customers' && request.method === 'POST') return send({ id: '77', name: body.name, phones: ['139****0000'], premises: [], open_cases: 0 }, 201)
  if (path === '/customers') return send({ items: customers.filter((name) => name.includes(query.get('q') ?? '')).map((name, at) => ({ id: String(at), name, phones: ['138****6021'], premises: ['澄园二期3栋2单元1204'], open_cases: at })), next: null })
  if (path === '/packs') return send([{ name: 'complaints', title: '客户投诉处理规程', version: '2026.2', hash: 'aa', effective: null, units: [] }, { name: 'general', title: '客户服务规程', version: '2026.1', hash: 'bb', effective: null, units: [] }])
  if (path.startsWith('/clauses/')) {
    const found = Object.values(clauses).find((clause) => clause.id === path.split('/')[3]) ?? clauses.result
    return send({ clause: found, text: texts[found.number] ?? `${found.title}，由责任部门按规定时限办理。`, rate: 0.915, late: 26, month: '2026-11' })
  }
  if (path.endsWith('/cases')) return send({ items: all.slice(0, 12).map((view, at) => ({ ...line(view), clock: { ...(view.clocks[2] ?? view.clocks[0]), state: at % 3 ? 'kept_late' : 'overdue', started_at: iso(Date.now() - 5 * HOUR), due_at: iso(Date.now() - 3 * HOUR), ended_at: at % 3 ? iso(Date.now() - HOUR) : null, late_ms: 2 * HOUR } })), next: null })
  if (path === '/reports/clauses') {
    const rows = [row('4.1.1', '首次响应', 1808, 38, 0, { limit: '5分钟' }), row('4.2.1', '启动传递', 402, 31, 1, { limit: '10分钟' }), row('4.2.2', '投诉处理结果', 281, 26, 7, { limit: '2小时／2工作日', exempt: 3 }), row('4.3.1', '办结后回访', 240, 9, 58, { limit: '2工作日', exempt: 12 }), row('4.3.2', '再次处理须换方案', 9, 0, 0, { refused: 17 }), row('5.1', '微笑服务', 0, 0, 0, { kept_by_people: true, carried_by: [] })]
    const days = Array.from({ length: 20 }, (_, at) => ({ day: `2026-11-${String(at + 1).padStart(2, '0')}`, kept: 130 + ((at * 37) % 60), late: [2, 4, 1, 0, 6, 3, 2, 9, 4, 5, 6, 12, 7, 3, 1, 0, 2, 4, 1, 2][at] ?? 0 }))
    return send({ pack: 'complaints', title: '客户投诉处理规程', version: '2026.2', as_of: iso(Date.now()), from: '2026-11-01', to: '2026-11-20', totals: { due: 6259, kept: 6012, late: 144, open: 103, rate: 0.9766 }, clauses: rows, figures: [{ key: 'call_back_rate', title: '回访率', clause: clauses.callBack, part: 249, of: 307, rate: 0.811, target: 1, met: false }, { key: 'satisfied', title: '满意度', clause: null, part: 218, of: 231, rate: 0.944, target: 0.9, met: true }], days })
  }
  return refuse(response, 404, 'not_found', '没有这个地址。')
}

export const invented = (): Plugin => ({
  name: 'invented-answers',
  configureServer(server) {
    server.middlewares.use((request, response, next) => {
      if (!request.url?.startsWith('/api/')) return next()
      void answer(request, response).catch((cause: unknown) => refuse(response, 500, 'unavailable', String(cause)))
    })
  },
})
