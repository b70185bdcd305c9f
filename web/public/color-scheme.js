// Before anything is drawn: light or dark, as chosen here or by the system. A file of its own, since the page's policy allows no inline script.
try {
  const chosen = localStorage.getItem("mantine-color-scheme-value");
  const isDark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", isDark ? "dark" : "light");
} catch {
  // Without storage the pages are light until they start.
}
