import "@mantine/charts/styles.css";

// With their looks, which come with them alone. As much code as a whole page: import it when it is drawn (`lazy`).
export { AreaChart, BarChart, LineChart } from "@mantine/charts";
