// Tested in test/tools/replay/guess.test.ts.

/** What a column of sales can be: a field of the event, or a part of one. */
export type Meaning =
  | 'orderId'
  | 'eventTime'
  | 'timeOfDay'
  | 'timeZone'
  | 'storeId'
  | 'productId'
  | 'productName'
  | 'quantity'
  | 'unitPrice'
  | 'lineTotal'
  | 'lineDiscount'
  | 'taxAmount'
  | 'category'
  | 'brand'
  | 'customerId'
  | 'paymentMethod'
  | 'country'
  | 'city'
  | 'region'
  | 'currency'

/**
 * How headers name each of them, most telling first, in English, German, French, Spanish, Italian, Dutch, Portuguese,
 * Polish and Swedish. Lower case, without accents and without what is no letter: `Order #` is `order`.
 */
export const headerWords: Readonly<Record<Meaning, readonly string[]>> = {
  orderId: [
    ...['orderid', 'ordernumber', 'orderno', 'ordernr', 'order', 'receiptid', 'receiptnumber', 'receiptno', 'receipt'],
    ...['invoiceno', 'invoicenumber', 'invoiceid', 'invoice', 'transactionid', 'transactionnumber', 'transaction'],
    ...['ticketid', 'ticketnumber', 'ticket', 'saleid', 'salesid', 'billno', 'bill', 'checkid', 'check', 'basketid'],
    ...['belegnummer', 'belegnr', 'beleg', 'bonnummer', 'bonnr', 'kassenbon', 'bon', 'rechnungsnummer', 'rechnungsnr'],
    ...['rechnung', 'bestellnummer', 'bestellnr', 'bestellung', 'auftragsnummer', 'auftragsnr', 'auftrag', 'vorgang'],
    ...['numerodecommande', 'commande', 'numerodefacture', 'facture', 'recu', 'pedido', 'numerodepedido', 'factura'],
    ...['recibo', 'ordine', 'numeroordine', 'fattura', 'scontrino', 'bestelnummer', 'bestelling', 'factuur'],
    ...['zamowienie', 'numerzamowienia', 'paragon', 'faktura', 'kvitto', 'kvittonummer', 'fatura'],
  ],
  eventTime: [
    ...['datetime', 'timestamp', 'soldat', 'createdat', 'orderdate', 'saledate', 'salesdate', 'transactiondate'],
    ...['purchasedate', 'invoicedate', 'receiptdate', 'date', 'when', 'day'],
    ...['datumuhrzeit', 'zeitpunkt', 'verkaufsdatum', 'belegdatum', 'bestelldatum', 'kaufdatum', 'rechnungsdatum'],
    ...['datum', 'dateheure', 'datedecommande', 'fechahora', 'fecha', 'dataora', 'datumtijd', 'besteldatum', 'data'],
    ...['datasprzedazy', 'tidpunkt'],
  ],
  timeOfDay: ['time', 'timeofday', 'uhrzeit', 'zeit', 'heure', 'hora', 'ora', 'tijd', 'godzina', 'czas', 'tid'],
  timeZone: ['timezone', 'zeitzone', 'fuseauhoraire', 'zonahoraria', 'fusoorario', 'tijdzone', 'strefaczasowa'],
  storeId: [
    ...['storeid', 'storenumber', 'storename', 'store', 'shopid', 'shop', 'branchid', 'branch', 'outlet', 'location'],
    ...['filialnummer', 'filialnr', 'filiale', 'markt', 'geschaft', 'laden', 'standort', 'magasin', 'boutique'],
    ...['pointdevente', 'tienda', 'sucursal', 'negozio', 'puntovendita', 'winkel', 'filiaal', 'sklep', 'butik', 'loja'],
  ],
  productId: [
    ...['sku', 'productid', 'productcode', 'productno', 'itemid', 'itemcode', 'itemno', 'itemnumber', 'articleno'],
    ...['articlenumber', 'stockcode', 'barcode', 'ean', 'upc', 'plu', 'gtin', 'variantsku', 'product', 'item'],
    ...['article', 'artikelnummer', 'artikelnr', 'artnr', 'artikel', 'produktnummer', 'produkt', 'ware'],
    ...['referenceproduit', 'codeproduit', 'reference', 'produit', 'codigo', 'producto', 'articulo', 'codice'],
    ...['articolo', 'prodotto', 'produto', 'artikelcode', 'kodproduktu', 'towar'],
  ],
  productName: [
    ...['productname', 'itemname', 'productdescription', 'description', 'title', 'artikelbezeichnung', 'bezeichnung'],
    ...['artikelname', 'produktname', 'beschreibung', 'designation', 'nomduproduit', 'descripcion', 'descrizione'],
    ...['omschrijving', 'nazwa', 'benamning', 'descricao', 'name'],
  ],
  quantity: [
    ...[
      'quantity',
      'qty',
      'qtysold',
      'quantitysold',
      'unitssold',
      'units',
      'pieces',
      'pcs',
      'count',
      'menge',
      'anzahl',
    ],
    ...['stuckzahl', 'stuck', 'stk', 'quantite', 'qte', 'cantidad', 'unidades', 'quantita', 'qta', 'aantal'],
    ...['hoeveelheid', 'ilosc', 'szt', 'antal', 'quantidade', 'qtd'],
  ],
  unitPrice: [
    ...['unitprice', 'priceeach', 'priceperunit', 'itemprice', 'sellingprice', 'saleprice', 'price', 'einzelpreis'],
    ...['stuckpreis', 'verkaufspreis', 'vkpreis', 'preis', 'prixunitaire', 'prix', 'preciounitario', 'precio'],
    ...['prezzounitario', 'prezzo', 'stukprijs', 'prijs', 'cenajednostkowa', 'cena', 'styckpris', 'pris'],
    ...['precounitario', 'preco'],
  ],
  lineTotal: [
    ...['linetotal', 'lineamount', 'grosssales', 'extendedprice', 'totalprice', 'subtotal', 'sales', 'amount'],
    ...['revenue', 'total', 'gesamtpreis', 'positionswert', 'zeilensumme', 'betrag', 'umsatz', 'summe', 'gesamt'],
    ...['montant', 'importe', 'importo', 'totale', 'bedrag', 'totaal', 'kwota', 'wartosc', 'belopp', 'summa', 'valor'],
  ],
  lineDiscount: [
    ...['discountamount', 'linediscount', 'discount', 'discounts', 'rabattbetrag', 'rabatt', 'nachlass', 'remise'],
    ...['descuento', 'sconto', 'korting', 'rabat', 'desconto'],
  ],
  taxAmount: [
    ...['taxamount', 'salestax', 'vatamount', 'tax', 'vat', 'mwstbetrag', 'mwst', 'ust', 'steuer', 'tva', 'iva', 'btw'],
    ...['moms', 'podatek'],
  ],
  category: [
    ...['category', 'department', 'productcategory', 'productgroup', 'warengruppe', 'kategorie', 'abteilung'],
    ...['categorie', 'categoria', 'kategoria', 'kategori'],
  ],
  brand: ['brand', 'vendor', 'manufacturer', 'marke', 'hersteller', 'marque', 'marca', 'merk', 'marka'],
  customerId: [
    ...['customerid', 'customernumber', 'customerno', 'customer', 'clientid', 'memberid', 'kundennummer', 'kundennr'],
    ...['kunde', 'numeroclient', 'client', 'cliente', 'klantnummer', 'klant', 'klient', 'kundnummer'],
  ],
  paymentMethod: [
    ...['paymentmethod', 'paymenttype', 'payment', 'tender', 'tendertype', 'zahlungsart', 'zahlart', 'zahlungsmittel'],
    ...['modedepaiement', 'paiement', 'formadepago', 'metododepago', 'pagamento', 'metododipagamento', 'betaalwijze'],
    ...['platnosc', 'betalsatt', 'formadepagamento'],
  ],
  country: ['country', 'countrycode', 'land', 'pays', 'pais', 'paese', 'kraj'],
  city: ['city', 'town', 'stadt', 'ort', 'ville', 'ciudad', 'citta', 'stad', 'miasto', 'cidade'],
  region: ['region', 'state', 'province', 'bundesland', 'gebiet', 'regione', 'provincia', 'regio', 'wojewodztwo'],
  currency: ['currency', 'currencycode', 'wahrung', 'devise', 'moneda', 'divisa', 'valuta', 'waluta', 'moeda'],
}

/** A header as `headerWords` has it: lower case, accents off, letters and digits only. */
export function plainHeader(header: string): string {
  return header
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('ł', 'l')
    .normalize('NFD')
    .replace(/[^a-z0-9]/g, '')
}
