import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fitMap, formatOf, formats, type MapJson } from '../../../generator/csv/formats'
import { parseCsvMap } from '../../../generator/csv/map'

const folder = join(__dirname, '..', '..', '..', 'generator', 'maps')
const mapOf = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as MapJson

/** Headers as real exports have them; docs/replay.md says where they were seen. */
const headers: Readonly<Record<string, string>> = {
  shopify:
    'Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip,Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,Tax 5 Name,Tax 5 Value,Phone,Receipt Number,Duties,Billing Province Name,Shipping Province Name,Payment ID,Payment Terms Name,Next Payment Due At,Payment References',
  square:
    'Date,Time,Time Zone,Category,Item,Qty,Price Point Name,SKU,Modifiers Applied,Gross Sales,Discounts,Net Sales,Tax,Transaction ID,Payment ID,Device Name,Notes,Details,Event Type,Location,Dining Option,Customer ID,Customer Name,Customer Reference ID,Unit,Count,GTIN,Itemization Type,Commission,Employee,Fulfillment Note,Channel,Token,Card Brand,PAN Suffix',
  'square-transactions':
    'Date,Time,Time Zone,Gross Sales,Discounts,Service Charges,Net Sales,Gift Card Sales,Tax,Tip,Partial Refunds,Total Collected,Source,Card,Card Entry Methods,Cash,Square Gift Card,Other Tender,Other Tender Type,Tender Note,Fees,Net Total,Transaction ID,Payment ID,Card Brand,PAN Suffix,Device Name,Staff Name,Staff ID,Details,Description,Event Type,Location',
  woocommerce:
    'Order Number,Order Status,Order Date,Customer Note,First Name (Billing),Last Name (Billing),Company (Billing),Address 1&2 (Billing),City (Billing),State Code (Billing),Postcode (Billing),Country Code (Billing),Email (Billing),Phone (Billing),First Name (Shipping),Last Name (Shipping),Address 1&2 (Shipping),City (Shipping),State Code (Shipping),Postcode (Shipping),Country Code (Shipping),Item #,SKU,Name,Product Variation,Quantity,Quantity (- Refund),Item Cost,Order Line (w/o tax),Order Line Tax,Order Line Total,Coupon Code,Discount Amount,Payment Method Title,Order Shipping Amount,Order Total Amount',
  amazon:
    'order-id,order-item-id,purchase-date,payments-date,buyer-email,buyer-name,buyer-phone-number,sku,product-name,quantity-purchased,currency,item-price,item-tax,shipping-price,shipping-tax,ship-service-level,recipient-name,ship-address-1,ship-address-2,ship-address-3,ship-city,ship-state,ship-postal-code,ship-country,ship-phone-number,item-promotion-discount,item-promotion-id,sales-channel',
  'amazon-all-orders':
    'amazon-order-id,merchant-order-id,purchase-date,last-updated-date,order-status,fulfillment-channel,sales-channel,order-channel,url,ship-service-level,product-name,sku,asin,item-status,quantity,currency,item-price,item-tax,shipping-price,shipping-tax,gift-wrap-price,gift-wrap-tax,item-promotion-discount,ship-promotion-discount,ship-city,ship-state,ship-postal-code,ship-country,promotion-ids,is-business-order,purchase-order-number,price-designation',
  lightspeed:
    'Date,Receipt Number,Line Type,Customer Code,Customer Name,Note,Quantity,Subtotal,Sales Tax,Discount,Loyalty,Total,Paid,Details,Register,User,Status,Sku,AccountCodeSale,AccountCodePurchase',
  toast:
    'Location,Order Id,Order #,Sent Date,Order Date,Check Id,Server,Table,Dining Area,Service,Dining Option,Item Selection Id,Item Id,Master Id,SKU,PLU,Menu Item,Menu Subgroup(s),Menu Group,Menu,Sales Category,Gross Price,Discount,Net Price,Qty,Tax,Void?,Deferred,Tax Exempt,Tax Inclusion Option,Dining Option Tax,Tab Name',
  olist: 'order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value',
  'olist-orders':
    'order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date',
  superstore:
    'Row ID,Order ID,Order Date,Ship Date,Ship Mode,Customer ID,Customer Name,Segment,Country,City,State,Postal Code,Region,Product ID,Category,Sub-Category,Product Name,Sales,Quantity,Discount,Profit',
  'uci-online-retail': 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country',
  'uci-online-retail-ii': 'Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country',
}

test('each format has a header here', () => {
  expect(formats.map(({ name }) => name).sort()).toEqual(Object.keys(headers).sort())
})

test.each(Object.entries(headers))('%s is told by its header', (name, header) => {
  expect(formatOf(header.split(','))?.name).toBe(name)
})

test.each(Object.entries(headers))('%s is told in other letters and order', (name, header) => {
  const columns = header.split(',').map((column) => column.toUpperCase().replaceAll(' ', '_'))
  expect(formatOf(columns.reverse())?.name).toBe(name)
})

test.each(formats.filter(({ map }) => map !== undefined).map((format) => [format.name, format] as const))(
  'the map of %s fits its header, and one of little more than the columns the format is told by',
  (name, { map: file = '', columns, defaults }) => {
    const { productId = [], quantity = [] } = mapOf(file).columns
    const least = [...new Set([...columns, ...[productId, quantity].flatMap((each) => [each].flat().slice(-1))])]
    for (const header of [headers[name]?.split(',') ?? [], least]) {
      const fitted = fitMap(mapOf(file), header, defaults)
      const map = parseCsvMap(fitted, file)
      const joined = map.join.flatMap((each) => each.columns ?? [])
      const named = [...Object.values(map.columns).flat(), ...map.time.columns, ...map.fillDown, ...map.orderKey]
      expect(named.filter((column) => !header.includes(column) && !joined.includes(column))).toEqual([])
    }
  },
)

test('a format is one only with all of its columns', () => {
  const { columns = [] } = formats.find(({ name }) => name === 'shopify') ?? {}
  expect(formatOf(columns.slice(1))).toBeUndefined()
  expect(formatOf(['Beleg', 'Datum', 'Menge'])).toBeUndefined()
})

test('a map takes the file’s spelling, leaves out what is not there, and fills what rows leave empty', () => {
  const header = [
    'name',
    'Financial status',
    'Created At',
    'Lineitem Quantity',
    'Lineitem Name',
    'Lineitem Price',
    'Location',
  ]
  const map = fitMap(mapOf('shopify.json'), header, { storeId: 'online', paymentMethod: 'unknown' })
  expect(map.columns).toMatchObject({ orderId: 'name', productId: 'Lineitem Name', storeId: 'Location' })
  expect(map.columns).not.toHaveProperty('paymentMethod')
  expect(map.constants).toMatchObject({ paymentMethod: 'unknown' })
  expect(map.values).toMatchObject({ storeId: { '': 'online' } })
  expect(map.order).toEqual({})
  expect(map.fillDown).toEqual(['Financial status', 'Location'])
})

test('every map in the folder is one, and of a format', () => {
  const files = readdirSync(folder).filter((file) => file !== 'formats.json')
  for (const file of files) expect(() => parseCsvMap(mapOf(file), file)).not.toThrow()
  expect(files.sort()).toEqual(formats.flatMap(({ map }) => (map === undefined ? [] : [map])).sort())
})
