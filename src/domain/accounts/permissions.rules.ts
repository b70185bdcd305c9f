export const roles = ["administrator", "publisher", "author", "viewer"] as const;
export type Role = (typeof roles)[number];

const everybody = roles;
const writers = ["administrator", "publisher", "author"] as const;
const publishers = ["administrator", "publisher"] as const;
const administrators = ["administrator"] as const;

/** Who may do what inside an account: the one table. Staff inside an account act as its administrators. */
const table = {
  "account:read": everybody,
  "account:change": administrators,
  "users:manage": administrators,
  "api-keys:manage": administrators,
  "audit:read": administrators,
  "bridge:read": everybody,
  "bridge:change": administrators,
  "bridge:test": administrators,
  "fields:change": administrators,
  "list:refresh": writers,
  "target-groups:read": everybody,
  "target-groups:change": writers,
  "guard:change": administrators,
  "syncs:read": everybody,
  /** What a failure looked like on the wire, beside the sentence that everybody gets. */
  "syncs:read-detail": administrators,
  "syncs:request": writers,
  "syncs:cancel": writers,
  "syncs:decide": administrators,
  "subscribers:read": everybody,
  "subscribers:export": writers,
  /** One person's own wish, by an administrator: unsubscribe, resubscribe. */
  "subscribers:change": administrators,
  /** All that is kept of one person, on their request: export, erase, lift an erasure. */
  "personal-data:manage": administrators,
  "writebacks:read": everybody,
  /** Send now, and another try of what failed. */
  "writebacks:send": administrators,
  "mailings:read": everybody,
  "mailings:write": writers,
  "mailings:publish": publishers,
  "sending-domains:read": everybody,
  "sending-domains:change": administrators,
  "nightly:read": everybody,
  "nightly:run": administrators,
} as const satisfies Record<string, readonly Role[]>;

/** What staff may do, in whatever account they are or outside all of them. */
const staffTable = ["accounts:manage", "accounts:enter"] as const;

type AccountPermission = keyof typeof table;
type StaffPermission = (typeof staffTable)[number];
export type Permission = AccountPermission | StaffPermission;

/** What a caller is, as far as rights go. */
export interface Rights {
  /** Inside the account at hand; null outside. */
  readonly role: Role | null;
  readonly isStaff: boolean;
}

export function isStaffPermission(permission: Permission): permission is StaffPermission {
  return (staffTable as readonly string[]).includes(permission);
}

/** Whether a caller may do this. */
export function may({ role, isStaff }: Rights, permission: Permission): boolean {
  if (isStaffPermission(permission)) return isStaff;
  return role !== null && (table[permission] as readonly Role[]).includes(role);
}

/** Everything that a caller may do, for pages that show only what works. */
export function permissionsOf(rights: Rights): readonly Permission[] {
  const all = [...(Object.keys(table) as AccountPermission[]), ...staffTable];
  return all.filter((permission) => may(rights, permission));
}
