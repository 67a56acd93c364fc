import { type Reader, admit } from '../../../local/hub/admission'

const plain = { name: 'p', epoch: undefined }
const owner = (epoch: number) => ({ name: `o${epoch}`, epoch })

test('a receiver without an epoch joins up to four others', () => {
  expect(admit([plain, plain, plain, plain], plain)).toMatchObject({ kind: 'admitted', displaced: [] })
  const sixth = admit([plain, plain, plain, plain, plain], plain)
  expect(sixth).toMatchObject({ kind: 'refused', fault: { condition: 'amqp:resource-limit-exceeded' } })
})

test('a receiver without an epoch is refused beside one with an epoch', () => {
  expect(admit([owner(0)], plain)).toMatchObject({ kind: 'refused', fault: { condition: 'amqp:link:stolen' } })
})

test.each<[string, Reader[]]>([
  ['a lower epoch', [owner(1)]],
  ['the same epoch', [owner(2)]],
  ['no epoch', [plain, plain]],
])('a receiver with an epoch displaces those with %s', (_, present) => {
  const displaced = { kind: 'admitted', displaced: present, fault: { condition: 'amqp:link:stolen' } }
  expect(admit(present, owner(2))).toMatchObject(displaced)
})

test('a receiver with an epoch is refused beside a higher one', () => {
  expect(admit([owner(3)], owner(2))).toMatchObject({ kind: 'refused', fault: { condition: 'amqp:link:stolen' } })
})
