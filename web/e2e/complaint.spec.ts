import { expect } from '@playwright/test'
import { begin, choose, person, pick, send, test } from './desk'

/** The same complaint is settled twice: the customer refuses the first result, so the second needs another plan. */
test('complaint two rounds', async ({ browser }) => {
  test.setTimeout(180_000)
  const agent = await person(browser, 'agent1')
  const head = await person(browser, 'head')
  const engineer = await person(browser, 'engineer')

  // Given a complaint taken at the desk
  await agent.goto('/new/complaints/complaint')
  const slip = agent.locator('#new-case')
  await expect(agent.getByRole('heading', { name: '新建事项' })).toBeVisible()
  const subject = '3栋2单元2号电梯反复掉层，报修后无人回复'
  await slip.getByLabel('投诉人', { exact: true }).fill('任可可')
  await slip.getByLabel('投诉内容').fill(subject)
  await expect(agent.getByRole('complementary', { name: '登记后开始计时' }).getByText('启动处理')).toBeVisible()
  await agent.getByRole('button', { name: /登记客户投诉/ }).click()
  await expect(agent).toHaveURL(/\/cases\/\d+/)
  await expect(agent.getByRole('heading', { level: 1 })).toContainText('3栋2单元2号电梯')
  const address = new URL(agent.url()).pathname

  // When it is classified as a general liable complaint of the engineering department
  const classify = await begin(agent, '定性')
  await choose(classify, '投诉性质', '责任投诉')
  await classify.getByLabel('认定的事实').fill('抱闸间隙超标，三次报修未答复')
  await choose(classify, '等级', '一般')
  await pick(classify, '责任部门', '工程部')
  await send(classify)
  await expect(agent.getByText('已转责任部门').first()).toBeVisible()

  for (const round of [1, 2]) {
    // The department names its handler
    await head.goto(address)
    const name = await begin(head, '反应并指定经办人')
    await pick(name, '指定经办人', '雷鸣')
    await send(name)

    // The handler hears the other side and proposes
    await engineer.goto(address)
    if (round === 1) {
      const statement = await begin(engineer, '记录被投诉方陈述')
      await statement.getByLabel('陈述人').fill('维保班')
      await statement.getByRole('textbox', { name: '陈述', exact: true }).fill('闸瓦缺货，未及时告知客户')
      await send(statement)
    }
    const propose = await begin(engineer, '提出方案与结果')
    await propose.getByLabel('处理方案').fill('更换闸瓦')
    await propose.getByLabel('处理结果').fill('停梯更换后试运行正常')
    if (round === 2) {
      // Then the refused plan cannot be proposed again: the clause says so while typing
      await expect(propose.getByRole('alert')).toContainText('上一方案客户不满意')
      await propose.getByLabel('处理方案').fill('更换整套抱闸，并每周回访一个月')
      await expect(propose.getByRole('alert')).toBeHidden()
    }
    await send(propose)

    // The first-contact owner replies; the reply appears on the agent's page
    await agent.goto(address)
    const reply = await begin(agent, '答复客户')
    await reply.getByLabel('给客户的答复').fill('电梯已修复，并向您致歉')
    await choose(reply, '各方认可', '认可')
    await send(reply)

    // The call-back: first refused, then accepted
    await agent.goto('/call-backs')
    await agent.getByRole('table').getByRole('link', { name: subject }).click()
    const survey = agent.getByRole('form', { name: '回访' })
    await choose(survey, '回访方式', '电话')
    await choose(survey, '回访结果', round === 1 ? '不满意' : '满意')
    if (round === 1) await survey.getByLabel('客户新意见').fill('三天后又掉层，方案不行')
    await survey.locator('button[type=submit]').click()
    await expect(agent.getByRole('table').getByRole('link', { name: subject })).toBeHidden()
  }

  // Then the case is closed, and its record shows the clocks of both rounds
  await agent.goto(address)
  await expect(agent.getByText('已办结').first()).toBeVisible()
  await expect(agent.getByText('第2轮').first()).toBeVisible()
  await agent.getByRole('tab', { name: /条款记录/ }).click()
  await expect(agent.getByRole('row', { name: /处理结果/ })).toHaveCount(2)
  await expect(agent.getByRole('row', { name: /回访/ })).toHaveCount(2)
  const proof = await agent.request.get(`/api${address}/proof`)
  expect(proof.ok()).toBe(true)
})
