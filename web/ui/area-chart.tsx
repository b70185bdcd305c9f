import "@mantine/charts/styles.css";

// With its looks, which come with it alone.
export { AreaChart } from "@mantine/charts";
