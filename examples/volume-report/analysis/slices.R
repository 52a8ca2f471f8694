# The area of each class in each slice, from the lowest slice to the highest.
# Usage: Rscript slices.R SLICES.csv FIGURE.png
suppressPackageStartupMessages(library(ggplot2))

arguments <- commandArgs(trailingOnly = TRUE)
slices <- read.csv(arguments[1])
colours <- c(rest = "#e0801f", brightest = "#2f97d0")
slices$class <- factor(slices$class, levels = names(colours))

figure <- ggplot(slices, aes(position_mm, area_cm2, colour = class, fill = class)) +
  facet_wrap(~class, scales = "free_y") +
  geom_area(stat = "identity", alpha = 0.18, linewidth = 0) +
  geom_line(linewidth = 0.8) +
  geom_point(size = 1.1) +
  scale_colour_manual(values = colours, aesthetics = c("colour", "fill"), guide = "none") +
  scale_y_continuous(limits = c(0, NA), expand = expansion(mult = c(0, 0.06))) +
  labs(x = "height above the lowest slice (mm)", y = expression("area (" * cm^2 * ")")) +
  theme_minimal(base_size = 11, base_family = "DejaVu Sans") +
  theme(
    axis.text = element_text(colour = "#66757f"),
    axis.title = element_text(colour = "#66757f"),
    panel.grid.minor = element_blank(),
    panel.grid.major.x = element_blank(),
    panel.spacing = unit(8, "mm"),
    strip.text = element_text(colour = "#1f2a30", hjust = 0, size = 11)
  )

# cairo draws the same bytes everywhere; a screen, which R's default device asks for, is not needed.
ggsave(arguments[2], figure, width = 8.5, height = 3.1, dpi = 150, bg = "white", type = "cairo")
