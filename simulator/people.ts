import { indexOf, keyOf, mix } from "./guid.ts";

/** Everybody in the member file, as functions of an index: a million people cost no memory. */
export interface People {
  readonly count: number;
  readonly seed: number;
  day: number;
  /** What was changed by hand: by index, by column; text as it is, not escaped. */
  readonly changed: Map<number, Record<string, string>>;
  /** Who was merged into somebody else: their keys are nobody's any more. */
  readonly gone?: Set<number>;
}

export function escapeXml(text: string): string {
  return text.replace(
    /[&<>"\r]/g,
    (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;" })[letter] ?? letter,
  );
}

const pool = (...texts: string[]) => texts.map(escapeXml);
const first = pool(
  "Ana",
  "Ben",
  "Chloé",
  "Dmitri",
  "Eva",
  "Farid",
  "Grace",
  "Hiroshi",
  "Inês",
  "Jörg",
  "Kwame",
  "Léa",
  "María",
  "Nguyễn",
  "Olu",
  "Priya",
  "Quinn",
  "Renée",
  "Søren",
  "Thandiwe",
  "Uma",
  "Vasile",
  "Wen",
  "Ximena",
  "Yusuf",
  "Zoë",
  "محمد",
  "שרה",
  "花子",
  "Anne-Marie",
);
const last = pool(
  "Lopes",
  "O'Neil",
  "Müller",
  "Ivanova",
  "Smith & Wesson",
  "García",
  "Nakamura",
  "Okafor",
  "van der Berg",
  "D'Angelo",
  "Ångström",
  "Kowalski",
  "Singh",
  "Haddad",
  "Łukasz",
  "Papadopoulos",
  "Johnson",
  "Lee",
  "Brown",
  "Nguyễn",
  "الأحمد",
  "כהן",
  "山田",
  "MacGregor",
);
const organisations = pool(
  "Acme Research",
  "Northwind <Labs>",
  "University of Somewhere",
  "St. Mary's Hospital",
  "Globex & Sons",
  "Initech",
  "Umbrella Health",
  "Hooli",
  "Stark Institute",
  "Wayne Foundation",
  "",
);
const cities = pool(
  "Springfield",
  "Zürich",
  "São Paulo",
  "Kraków",
  "Reykjavík",
  "Lagos",
  "Osaka",
  "Toronto",
  "Austin",
  "Cork",
);
const states = pool("IL", "ZH", "SP", "MA", "TX", "ON", "CA", "NY", "");
const countries = pool(
  "United States",
  "Switzerland",
  "Brazil",
  "Poland",
  "Iceland",
  "Nigeria",
  "Japan",
  "Canada",
  "Ireland",
);
const kinds = pool("Regular", "Student", "Retired", "Fellow", "Corporate", "Honorary");
const chapters = pool("North", "South", "East", "West", "Online", "");
const titles = pool("Dr.", "Prof.", "Ms.", "Mr.", "");
const domains = ["example.org", "mail.example.com", "uni.example.edu", "example.net", "müller.example"];

const pick = (list: readonly string[], bits: number) => list[bits % list.length] as string;
const usDate = (bits: number, year: number) =>
  `${(bits % 12) + 1}/${((bits >>> 4) % 28) + 1}/${year + ((bits >>> 9) % 12)} ${((bits >>> 13) % 12) + 1}:${String((bits >>> 17) % 60).padStart(2, "0")}:00 ${bits & 1 ? "AM" : "PM"}`;

/** About one person in a hundred changes something each day. */
const version = (people: People, index: number) => Math.floor((people.day + (mix(index * 13 + 5) % 100)) / 100);

function email(people: People, index: number): string {
  const kind = index % 100;
  if (kind === 7 || kind === 57) return ""; // without an address
  if (kind === 13) return `person.${index}@@example`; // malformed
  if (kind === 27 && index > 0) return email(people, index - 1).toUpperCase(); // somebody else's
  if (kind === 41) return `jörg.${index}@example.org`;
  return `p${index}.${(mix(index + people.seed) % 1296).toString(36)}@${pick(domains, index % 97 === 0 ? 4 : mix(index) % 4)}`;
}

type Column = (people: People, index: number) => string;

/** Every column of a person by its name in the AMS; values are XML text, escaped already. */
export const columns: Readonly<Record<string, Column>> = {
  cst_key: (people, index) => keyOf(index, people.seed),
  cst_eml_address_dn: email,
  cst_no_email_flag: (people, index) => (mix(index * 3 + people.seed) % 100 < 3 ? "1" : "0"),
  ind_first_name: (people, index) => pick(first, mix(index + people.seed)),
  ind_last_name: (people, index) => pick(last, mix(index * 5 + people.seed)),
  ind_prf_code: (_, index) => pick(titles, mix(index * 7)),
  ind_title: (people, index) => `Manager ${version(people, index)}`,
  org_name: (_, index) => pick(organisations, mix(index * 11)),
  adr_city: (_, index) => pick(cities, mix(index * 17)),
  adr_state: (_, index) => pick(states, mix(index * 19)),
  adr_post_code: (_, index) => String(10000 + (mix(index * 23) % 89999)),
  adr_country: (_, index) => pick(countries, mix(index * 29)),
  mbt_code: (_, index) => pick(kinds, mix(index * 31)),
  mbr_join_date: (_, index) => usDate(mix(index * 37), 2005),
  mbr_expire_date: (_, index) => usDate(mix(index * 41), 2026),
  chp_name: (_, index) => pick(chapters, mix(index * 43)),
  cst_id: (_, index) => String(index + 1).padStart(7, "0"),
  cst_phn_number_complete_dn: (_, index) => `+1 555 ${String(mix(index) % 10000000).padStart(7, "0")}`,
  cst_web_site: () => "",
  ind_designation: (_, index) => (index % 9 === 0 ? "PhD" : ""),
  ind_gender: () => "",
  cst_type: () => "Individual",
  ind_dob: (_, index) => usDate(mix(index * 47), 1950),
  ind_ssn: () => "",
  cst_web_password: () => "",
};

export const fieldTypes: Readonly<Record<string, string>> = {
  mbr_join_date: "dateTime",
  mbr_expire_date: "dateTime",
  ind_dob: "dateTime",
  cst_no_email_flag: "boolean",
};

/** Who has this key, as an index; -1 for nobody. */
export function findPerson(people: People, key: string): number {
  const index = indexOf(key, people.seed);
  return index < people.count && !people.gone?.has(index) ? index : -1;
}

/** What one column of one person says, changes by hand included. */
export function textOf(people: People, index: number, name: string): string {
  const changed = people.changed.get(index)?.[name];
  return changed === undefined ? (columns[name] as Column)(people, index) : escapeXml(changed);
}
