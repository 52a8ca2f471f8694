# The area of the segmentation in each slice, from head to foot.
# Usage: Rscript slices.R SLICES.csv FIGURE.png
suppressPackageStartupMessages(library(ggplot2))

arguments <- commandArgs(trailingOnly = TRUE)
slices <- read.csv(arguments[1])

figure <- ggplot(slices, aes(position_mm, area_cm2)) +
  geom_area(fill = "#f28e2b", alpha = 0.25) +
  geom_line(colour = "#f28e2b", linewidth = 0.9) +
  geom_point(colour = "#1f2a30", size = 1.4) +
  scale_y_continuous(limits = c(0, NA), expand = expansion(mult = c(0, 0.08))) +
  labs(x = "position of the slice (mm)", y = expression("tissue (" * cm^2 * ")")) +
  theme_minimal(base_size = 12) +
  theme(panel.grid.minor = element_blank())

ggsave(arguments[2], figure, width = 7, height = 3.2, dpi = 150, bg = "white")
