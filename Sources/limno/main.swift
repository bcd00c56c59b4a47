import ArgumentParser
import CommandLineTool

LimnoCommand.main()
