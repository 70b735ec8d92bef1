// Tells of each request that the page's own content security policy refuses: browsers name
// no reason where they tell of the request, or do not tell of it at all. Changes nothing that
// a page does.
(report) => {
  addEventListener('securitypolicyviolation', refused => {
    if (refused.disposition !== 'enforce') return;
    report(JSON.stringify({
      refused: String(refused.blockedURI), directive: String(refused.effectiveDirective), at: Date.now(),
    }));
  }, true);
}
