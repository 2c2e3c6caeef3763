// The one Trusted Types policy, asked by the browser for every string that is to become HTML or script
// (`require-trusted-types-for` in dashboard/guard.py). HTML comes from our own server alone, through htmx and
// DOMParser, which take no other policy; what would become a script, or the address of one, has no rule here and
// is refused, whoever asks. First of all imports: what comes after it may set HTML at once.

interface Policies {
  createPolicy(name: "default", rules: { createHTML(html: string): string }): unknown;
}

const policies = (window as { trustedTypes?: Policies }).trustedTypes;
policies?.createPolicy("default", { createHTML: (html) => html });
