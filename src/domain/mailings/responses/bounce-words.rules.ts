import type { BounceKind } from "../status-code.rules.ts";

/**
 * What servers and programs write, by the kind of what they mean; looked at from the mildest on, so that a sentence with
 * a blocked sender and an unknown user marks nobody. Each is linear: no repeat inside a repeat.
 */
const words: readonly (readonly [BounceKind, RegExp])[] = [
  [
    "policy",
    /\bspam|blacklist|blocklist|block list|black list|\bblocked (?:by|using|for|due|because|-)|listed (?:in|at|by|on) |\brbl\b|dnsbl|spamhaus|spamcop|barracudacentral|\bdmarc\b|\bspf\b|\bdkim\b|sender policy|reputation|unsolicited|\bjunk\b|relay(?:ing)? (?:access )?(?:is )?(?:denied|not|prohibited)|unable to relay|not permitted to relay|we do not relay|rate limit|too many (?:messages|connections|emails|mails)|throttl|greylist|graylist|reverse dns|\bptr\b|rdns|does(?: not|n't) have a (?:valid )?(?:ptr|reverse)|not authori[sz]ed|unauthori[sz]ed|authentication (?:is )?required|sender (?:address )?(?:was )?(?:rejected|verify failed|not allowed|domain)|domain of sender|administrative(?:ly)? (?:prohibition|denied|prohibited)|local policy|policy (?:reasons|violation|restrict)|by policy|security polic|access denied|virus|malware|phish|content (?:rejected|filter)|message (?:was )?(?:rejected|refused) (?:as|due|because|for)|banned|prohibited|forbidden|restricted|only accepts? (?:mail|messages) from|not on the (?:allowed|guest) list|poor|suspicious|complaint|whitelist|domains? (?:is|are) not allowed|\bip(?: address)?\b[^.]{0,40}(?:rejected|blocked|denied|banned|limited)|blocked ip|invalid ip|for sending mail|client ip|network not allowed|recipient preferences|too many recipients|unauthenticated|is not verified|filtered|\(bl\)|refused due to|delivery not authorized|you are not allowed|contains? a (?:url|link)/i,
  ],
  [
    "content",
    /message (?:size |is )?(?:too (?:big|large)|exceeds)|exceeds? (?:the )?(?:maximum|max|size|fixed)|size limit|too large|malformed|invalid header|syntax error|protocol violation|not implemented|bad sequence|line too long|8bit|7bit|mime/i,
  ],
  [
    "soft",
    /quota|mailbox (?:is |size )?(?:full|exceed|limit)|mail ?box full|inbox (?:is )?full|over ?quota|disk (?:full|space)|insufficient (?:system )?(?:storage|resources|disk)|out of (?:space|storage)|full mailbox|storage limit|no space|\bfull\b|exceeded (?:storage|his|their|its)|timed? ?out|timeout|connection (?:refused|reset|lost|closed|dropped)|lost connection|no route|network (?:is )?unreachable|too many hops|loop|temporar|transient|not (?:been )?(?:reachable|responding)|cannot connect|could not connect|expired|too (?:old|long)|retry|still trying|out of office|vacation|resources|(?:try|retry)[a-z ]{0,10} later|plus tard|deferred|receiving mail (?:at|too)|at a rate|refused to talk|unavailable, closing|service (?:is )?(?:currently )?(?:not available|unavailable)|frozen|account is blocked|lock failure|error while writing|upstream error|transaction failed|system (?:error|failure)|internal error|local error|configuration error|name server|name service error|dns/i,
  ],
  [
    "hard",
    /user ?(?:is )?unknown|unknown ?(?:user|recipient|account|address|mailbox|local|login|email|rcpt)|no such (?:user|mailbox|account|recipient|address|person|email|domain|host|local|id|name|destination)|(?:user|mailbox|account|recipient|address|mail ?box|rcpt|email account|e-mail address|alias)[^.\n]{0,80}(?:does(?: not|n't| n.t) exist|do(?: not|n't) exist|not (?:be )?found|(?:is |was )?not (?:known|valid|listed|local|exist|a valid|recogni[sz]ed)|isn't (?:known|valid)|is (?:un|in)valid|(?:is |has been |was )?(?:disabled|deactivated|suspended|discontinued|closed|terminated|inactive|cancell?ed|deleted|expired permanently|no longer (?:valid|available|active|in use|exists?))|(?:is )?(?:unknown|invalid|undeliverable|inexistent|nonexist\w*)|doesn.t exist)|(?:disabled|deactivated|suspended|inactive|invalid|nonexistent|non-existent|undeliverable) (?:user|mailbox|account|recipient|address)|(?:doesn't|does not) have an? [^.\n]{0,60}account|no (?:mailbox|account|user|recipient|one) (?:here|by that|with that|called|named|found)|no mailbox|not our customer|(?:has |user )(?:moved|no longer)|new address is|unrouteable address|unknown host|host unknown|(?:host|domain)[^.\n]{0,60}(?:not found|unknown|does not exist|doesn't exist|invalid)|not listed in (?:domino|public name|directory)|resolver\.adr\.recipnotfound|recipnotfound|addressee unknown|(?:that|this) (?:user|account|address|mailbox|recipient) (?:does not|doesn't|is not|isn't)|bad destination (?:mailbox|host|system)|not a (?:known|valid) (?:user|recipient|mailbox|address)|delivery to the following recipients? failed permanently: no such/i,
  ],
];

/** Addresses, links and hosts are called as they like: `spam@`, `full.example.org[192.0.2.1]`. */
const names = /[^\s<>@]+@[^\s<>@]+|https?:\/\/\S+|[\w.-]+ ?\[[\da-f.:]+\]/gi;

/** What words say, or null where they say nothing known. */
export function kindOfWords(text: string): BounceKind | null {
  // Long enough for every reply; a mail may not make us search for ever.
  const start = text.slice(0, 4000).replace(names, " ").replace(/\s+/g, " ");
  return words.find(([, form]) => form.test(start))?.[0] ?? null;
}
