import { findIana } from 'windows-iana'

/**
 * Names of zones that Rails gives (Square writes them) and that are not the last part of an IANA name; ours, of November
 * 2026. What Rails calls by a city of the IANA list, such as `London` or `Mexico City`, needs no entry.
 */
const railsNames: Readonly<Record<string, string>> = {
  'Eastern Time (US & Canada)': 'America/New_York',
  'Central Time (US & Canada)': 'America/Chicago',
  'Mountain Time (US & Canada)': 'America/Denver',
  'Pacific Time (US & Canada)': 'America/Los_Angeles',
  'Atlantic Time (Canada)': 'America/Halifax',
  'Indiana (East)': 'America/Indiana/Indianapolis',
  Alaska: 'America/Juneau',
  Hawaii: 'Pacific/Honolulu',
  Arizona: 'America/Phoenix',
  Newfoundland: 'America/St_Johns',
  Saskatchewan: 'America/Regina',
  'American Samoa': 'Pacific/Pago_Pago',
  'Midway Island': 'Pacific/Midway',
  'International Date Line West': 'Etc/GMT+12',
  Guadalajara: 'America/Mexico_City',
  'Central America': 'America/Guatemala',
  Quito: 'America/Guayaquil',
  Brasilia: 'America/Sao_Paulo',
  Georgetown: 'America/Guyana',
  Greenland: 'America/Nuuk',
  'Mid-Atlantic': 'Atlantic/South_Georgia',
  'Cape Verde Is.': 'Atlantic/Cape_Verde',
  Edinburgh: 'Europe/London',
  Bern: 'Europe/Zurich',
  Kyiv: 'Europe/Kiev',
  'St. Petersburg': 'Europe/Moscow',
  'West Central Africa': 'Africa/Algiers',
  Pretoria: 'Africa/Johannesburg',
  'Abu Dhabi': 'Asia/Dubai',
  Ekaterinburg: 'Asia/Yekaterinburg',
  Islamabad: 'Asia/Karachi',
  Chennai: 'Asia/Kolkata',
  Mumbai: 'Asia/Kolkata',
  'New Delhi': 'Asia/Kolkata',
  Kolkata: 'Asia/Kolkata',
  Kathmandu: 'Asia/Kathmandu',
  Astana: 'Asia/Almaty',
  'Sri Jayawardenepura': 'Asia/Colombo',
  Rangoon: 'Asia/Yangon',
  Hanoi: 'Asia/Bangkok',
  Beijing: 'Asia/Shanghai',
  Chongqing: 'Asia/Shanghai',
  Osaka: 'Asia/Tokyo',
  Sapporo: 'Asia/Tokyo',
  Ulaanbaatar: 'Asia/Ulaanbaatar',
  Canberra: 'Australia/Sydney',
  'Solomon Is.': 'Pacific/Guadalcanal',
  'New Caledonia': 'Pacific/Noumea',
  'Marshall Is.': 'Pacific/Majuro',
  Wellington: 'Pacific/Auckland',
  "Nuku'alofa": 'Pacific/Tongatapu',
  'Tokelau Is.': 'Pacific/Fakaofo',
  'Chatham Is.': 'Pacific/Chatham',
  Samoa: 'Pacific/Apia',
  'Buenos Aires': 'America/Argentina/Buenos_Aires',
}

/** City → the IANA zone whose last part it is. */
const cities = new Map(
  Intl.supportedValuesOf('timeZone').map((zone) => [zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' '), zone]),
)

/**
 * The IANA zone of a name as IANA, Windows (`Eastern Standard Time`) or Rails and Square (`Eastern Time (US & Canada)`) write
 * it; a UTC offset in front, `(GMT-05:00) Bogota`, is passed over. Undefined for a name none of them has.
 */
export function ianaZone(name: string): string | undefined {
  const bare = name.trim().replace(/^\((?:GMT|UTC)[^)]*\)\s*/, '')
  if (isZone(bare)) return bare
  const zone = railsNames[bare] ?? findIana(bare)[0] ?? cities.get(bare)
  return zone !== undefined && isZone(zone) ? zone : undefined
}

/** Only names with an area, and UTC: Intl takes the likes of `EST`, which never has summer time, too. */
function isZone(name: string): boolean {
  if (!/^(?:UTC|GMT|[A-Za-z]+\/[\w+/-]+)$/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
