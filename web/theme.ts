import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

/** The house colour: a deep sea green that is dark enough for white text from shade 7 on (4.5:1). */
const step: MantineColorsTuple = [
  "#eef7f6",
  "#dcecea",
  "#b5d8d4",
  "#8bc4bd",
  "#67b2a9",
  "#4a9f97",
  "#2c8580",
  "#1c6c6a",
  "#17595c",
  "#0f4548",
];

/** Greys with a breath of the house colour, for paper and ink. */
const gray: MantineColorsTuple = [
  "#f7f9f9",
  "#f0f3f3",
  "#e3e8e8",
  "#d3dada",
  "#b9c3c4",
  "#8d999b",
  "#67747a",
  "#4a555c",
  "#333c43",
  "#1d242a",
];

const dark: MantineColorsTuple = [
  "#dbe2e4",
  "#b4bfc3",
  "#94a1a6",
  "#6b787e",
  "#47535a",
  "#333e45",
  "#273138",
  "#1d262c",
  "#161d22",
  "#101519",
];

export const theme = createTheme({
  primaryColor: "step",
  primaryShade: 7,
  colors: { step, gray, dark },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'Noto Sans Mono', monospace",
  headings: {
    fontWeight: "620",
    sizes: { h1: { fontSize: "1.5rem", lineHeight: "1.3" }, h2: { fontSize: "1.125rem" } },
  },
  defaultRadius: "md",
  respectReducedMotion: true,
  cursorType: "pointer",
  components: {
    Button: { defaultProps: { size: "sm" } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300, events: { hover: true, focus: true, touch: true } } },
    // A dialog's head is no banner of the page.
    Modal: {
      defaultProps: {
        centered: true,
        closeButtonProps: { "aria-label": "Close" },
        attributes: { header: { role: "none" } },
      },
    },
    Drawer: {
      defaultProps: { closeButtonProps: { "aria-label": "Close" }, attributes: { header: { role: "none" } } },
    },
    // Its own placeholder for the focus is no item of a menu: the first item has it, as by the keyboard's customs.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Card: { defaultProps: { withBorder: true, padding: "lg" } },
    Paper: { defaultProps: { withBorder: true } },
    Badge: { defaultProps: { variant: "light", radius: "sm", tt: "none", fw: 560 } },
    Anchor: { defaultProps: { underline: "always", inherit: true } },
  },
});

/** What Mantine's own tokens are too pale for: 4.5:1 for every text, 3:1 for the edge of a field. (WCAG 2.2 AA) */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#fbfcfc",
    "--mantine-color-dimmed": "#566169",
    "--mantine-color-placeholder": "#67747a",
    "--mantine-color-error": "#b42318",
    "--mantine-color-anchor": "#17595c",
    // Text on the pale ground of badges and alerts.
    "--mantine-color-orange-light-color": "#8a4b00",
    "--mantine-color-red-light-color": "#a61b10",
    "--mantine-color-blue-light-color": "#1256a3",
    "--mantine-color-gray-light-color": "#4a555c",
    "--mantine-color-step-light-color": "#0f4548",
    "--ls-surface": "#ffffff",
    "--ls-line": "#e3e8e8",
    "--ls-accent": "#17595c",
    "--ls-good": "#1c6c6a",
    "--ls-warn": "#8a4b00",
    "--ls-bad": "#b42318",
  },
  dark: {
    "--mantine-color-body": "#12181c",
    "--mantine-color-dimmed": "#a3afb4",
    "--mantine-color-placeholder": "#8d999b",
    "--mantine-color-error": "#ff8f85",
    "--mantine-color-anchor": "#8bc4bd",
    // The ground of badges, alerts and chosen rows: a breath of the colour, as on paper, not a block of it.
    "--mantine-color-orange-light": "#3f2c12",
    "--mantine-color-orange-light-color": "#ffcb85",
    "--mantine-color-red-light": "#43201f",
    "--mantine-color-red-light-color": "#ffb4ac",
    "--mantine-color-blue-light": "#17344f",
    "--mantine-color-blue-light-color": "#a5d0ff",
    "--mantine-color-gray-light": "#36424a",
    "--mantine-color-gray-light-color": "#d3dada",
    "--mantine-color-step-light": "#1d3f3d",
    "--mantine-color-step-light-color": "#b5e0da",
    "--ls-surface": "#182026",
    "--ls-line": "#2b363d",
    "--ls-accent": "#8bc4bd",
    "--ls-good": "#8bc4bd",
    "--ls-warn": "#f5b761",
    "--ls-bad": "#ff8f85",
  },
});
