import { expect } from '@playwright/test'
import { begin, choose, logIn, person, pick, send, test } from './desk'
import { fits, violations } from './pages'

test('a department deals with a complaint on the phone: react, name, hear, plan and result', async ({ browser }) => {
  test.setTimeout(180_000)
  const agent = await person(browser, 'agent1')
  await agent.goto('/new/complaints/complaint')
  const slip = agent.locator('#new-case')
  const subject = '地下车库B2层积水'
  await slip.getByLabel('投诉人', { exact: true }).fill('白露')
  await slip.getByLabel('投诉内容').fill(subject)
  await agent.getByRole('button', { name: /登记客户投诉/ }).click()
  await expect(agent).toHaveURL(/\/cases\/\d+/)
  const id = new URL(agent.url()).pathname.split('/').at(-1)
  const classify = await begin(agent, '定性')
  await choose(classify, '投诉性质', '责任投诉')
  await classify.getByLabel('认定的事实').fill('排水泵停机')
  await choose(classify, '等级', '一般')
  await pick(classify, '责任部门', '工程部')
  await send(classify)

  const phone = async (login: string) => {
    const context = await browser.newContext({ baseURL: process.env.SHOUWEN_URL, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    const page = await context.newPage()
    await logIn(page, login)
    return page
  }
  const head = await phone('head')
  // The new matter stands in the department's queue by itself
  await head.getByRole('link', { name: new RegExp(subject) }).first().click()
  await expect(head).toHaveURL(new RegExp(`/desk/${id}`))
  await fits(head)
  const name = await begin(head, '反应并指定经办人')
  await pick(name, '指定经办人', '雷鸣')
  await send(name)

  const engineer = await phone('engineer')
  await engineer.goto(`/desk/${id}`)
  const statement = await begin(engineer, '记录被投诉方陈述')
  await statement.getByLabel('陈述人').fill('水泵班')
  await statement.getByRole('textbox', { name: '陈述', exact: true }).fill('浮球卡死，未报修')
  await send(statement)
  const propose = await begin(engineer, '提出方案与结果')
  await propose.getByLabel('处理方案').fill('更换浮球并加装备用泵')
  await propose.getByLabel('处理结果').fill('积水已排净')
  await fits(engineer)
  expect(await violations(engineer)).toEqual([])
  await send(propose)
  await expect(engineer.getByText('结果待答复').first()).toBeVisible()
})
